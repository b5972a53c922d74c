def nudge(values, grads, step):
    return {k: values[k] + step * g for k, g in grads.items()}
