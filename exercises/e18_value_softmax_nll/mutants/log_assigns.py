def value_log(v):
    out = Value(math.log(v.data), (v,), "log")

    def _backward():
        v.grad = out.grad / v.data

    out._backward = _backward
    return out
