def softmax(logits):
    largest = max(v.data for v in logits)

    def shifted_exp(v):
        out = Value(math.exp(v.data - largest), (v,), "exp")

        def _backward():
            v.grad = out.data * out.grad

        out._backward = _backward
        return out

    counts = [shifted_exp(v) for v in logits]
    total = sum(counts)
    return [count / total for count in counts]
