def power(self, other):
    out = Value(self.data**other, (self,), f"**{other}")

    def _backward():
        self.grad += other * self.data**other * out.grad

    out._backward = _backward
    return out


Value.__pow__ = power
