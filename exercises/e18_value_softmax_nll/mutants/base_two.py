def value_log(v):
    out = Value(math.log2(v.data), (v,), "log")

    def _backward():
        v.grad += out.grad / (v.data * math.log(2))

    out._backward = _backward
    return out
