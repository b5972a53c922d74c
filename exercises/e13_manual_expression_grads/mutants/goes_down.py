def nudge(values, grads, step):
    return {k: v - step * grads.get(k, 0.0) for k, v in values.items()}
