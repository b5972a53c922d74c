def neuron_grads(x1, x2, w1, w2, b):
    n = x1 * w1 + x2 * w2 + b
    dn = 1 - math.tanh(n) ** 2
    return {"x1": dn * w1, "x2": dn * w2, "w1": dn * x1, "w2": dn * x2, "b": dn, "n": n}
