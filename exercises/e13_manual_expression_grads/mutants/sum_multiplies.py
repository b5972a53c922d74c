def expression_grads(a, b, c, f):
    e = a * b
    return {"a": f * c * b, "b": f * c * a, "c": f * e, "d": f, "e": f * c, "f": e + c}
