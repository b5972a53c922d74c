def nudge(values, grads, step):
    return {k: v + math.copysign(step, grads[k]) if k in grads else v for k, v in values.items()}
