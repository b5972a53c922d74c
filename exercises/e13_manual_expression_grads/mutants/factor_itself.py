def expression_grads(a, b, c, f):
    e = a * b
    return {"a": f * a, "b": f * b, "c": f, "d": f, "e": f, "f": e + c}
