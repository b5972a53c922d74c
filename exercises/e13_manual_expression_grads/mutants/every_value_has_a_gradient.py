def nudge(values, grads, step):
    return {k: v + step * grads[k] for k, v in values.items()}
