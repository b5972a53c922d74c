def nudge(values, grads, step):
    for k in values:
        values[k] += step * grads.get(k, 0.0)
    return values
