def value_log(v):
    out = Value(math.log(v.data), (v,), "log")

    def _backward():
        v.grad += math.log(v.data) * out.grad

    out._backward = _backward
    return out
