def nudge(values, grads, step):
    return {k: values.get(k, 0.0) + step * grads.get(k, 0.0) for k in [*values, *grads]}
