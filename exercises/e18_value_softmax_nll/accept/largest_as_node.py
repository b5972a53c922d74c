"""Softmax and the negative log-likelihood, out of Values."""

import math

# --- given ---


class Value:
    """One number of a graph of operations, as the lecture builds it.

    data is the number, grad the derivative of the final output with respect to it (0.0 at first), _prev the operands it
    was made of (a tuple, so that their order is always the same), _op the name of the operation and label a name for
    people. _backward() adds to the grad of each operand this node's grad times the local derivative; backward() goes
    through the whole graph.
    """

    def __init__(self, data: float, _children: tuple["Value", ...] = (), _op: str = "", label: str = "") -> None:
        self.data = data
        self.grad = 0.0
        self._backward = lambda: None
        self._prev = tuple(_children)
        self._op = _op
        self.label = label

    def __repr__(self) -> str:
        return f"Value({self.data})"

    def __add__(self, other: "Value | float") -> "Value":
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other), "+")

        def _backward() -> None:
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out

    def __mul__(self, other: "Value | float") -> "Value":
        other = other if isinstance(other, Value) else Value(other)
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
        return self * -1

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

    def backward(self) -> None:
        """Set this node's grad to 1.0, then add to the gradients of everything it depends on."""
        order: list[Value] = []
        seen: set[Value] = set()
        stack = [(self, False)]
        while stack:
            node, operands_done = stack.pop()
            if operands_done:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack += [(operand, False) for operand in node._prev]
        self.grad = 1.0
        for node in reversed(order):
            node._backward()


# --- the exercise ---


def value_log(v: Value) -> Value:
    """Take the natural logarithm."""
    out = Value(math.log(v.data), (v,), "log")

    def _backward() -> None:
        v.grad += 1 / v.data * out.grad

    out._backward = _backward
    return out


def softmax(logits: list[Value]) -> list[Value]:
    """Turn any numbers into probabilities."""
    largest = max(logits, key=lambda v: v.data)  # a node of the graph; its shares cancel
    counts = [(v - largest).exp() for v in logits]  # n numbers from 0 to 1
    total = counts[0]
    for count in counts[1:]:
        total = total + count
    scale = 1 / total
    return [count * scale for count in counts]


def nll_loss(probs: list[Value], target: int) -> Value:
    """Return the negative logarithm of the probability that the right class was given."""
    return value_log(1 / probs[target])
