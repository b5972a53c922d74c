"""Value: a number that remembers how it was made, and can hand its gradient back."""

import math

# --- given ---


def operands(value: "Value") -> list["Value"]:
    """List the operands of a node, in the order of their numbers (a set has no order of its own)."""
    return sorted(value._prev, key=lambda v: (v.data, v.label))


# --- the exercise ---


class Value:
    """One number of a graph of operations."""

    def __init__(self, data: float, _children: tuple["Value", ...] = (), _op: str = "", label: str = "") -> None:
        self.data = data
        self.grad = 0.0
        self._backward = lambda: None
        self._prev = set(_children)
        self._op = _op
        self.label = label

    def __add__(self, other: "Value | float") -> "Value":
        other = as_value(other)
        out = Value(self.data + other.data, (self, other), "+")

        def _backward() -> None:
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out

    def __mul__(self, other: "Value | float") -> "Value":
        other = as_value(other)
        out = Value(self.data * other.data, (self, other), "*")

        def _backward() -> None:
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out

    def __pow__(self, other: int | float) -> "Value":
        out = Value(self.data**other, (self,), f"**{other}")

        def _backward() -> None:
            self.grad += other * self.data ** (other - 1) * out.grad

        out._backward = _backward
        return out

    def __neg__(self) -> "Value":
        return -1 * self

    def __sub__(self, other: "Value | float") -> "Value":
        return self + (-other)

    def __truediv__(self, other: "Value | float") -> "Value":
        return self * other**-1

    def __radd__(self, other: float) -> "Value":
        return self + other

    def __rsub__(self, other: float) -> "Value":
        return -self + other

    def __rmul__(self, other: float) -> "Value":
        return self * other

    def __rtruediv__(self, other: float) -> "Value":
        return self**-1 * other

    def tanh(self) -> "Value":
        out = Value(math.tanh(self.data), (self,), "tanh")

        def _backward() -> None:
            self.grad += (1 - out.data**2) * out.grad

        out._backward = _backward
        return out

    def exp(self) -> "Value":
        out = Value(math.exp(self.data), (self,), "exp")

        def _backward() -> None:
            self.grad += out.data * out.grad

        out._backward = _backward
        return out

    def relu(self) -> "Value":
        out = Value(max(self.data, 0.0), (self,), "relu")

        def _backward() -> None:
            self.grad += (out.data > 0) * out.grad

        out._backward = _backward
        return out


def as_value(number: Value | float) -> Value:
    """Wrap a plain number; a Value stays itself."""
    return number if isinstance(number, Value) else Value(number)
