"""Softmax and the negative log-likelihood, out of Values.

Source: "micrograd exercises", the Colab notebook of lecture 1 of Zero to Hero, section 2.
"""

import math

# --- given: the class of the exercises before, with backward as a method; leave it as it is ---------


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


# --- yours -------------------------------------------------------------------------------------------


def value_log(v: Value) -> Value:
    """Take the natural logarithm: a new operation, with a backward function of its own.

    Args:
        v: A Value above 0; it may be used elsewhere, too.

    Returns:
        A node whose operand is v; its _backward adds to v.grad.
    """
    # solution: begin
    out = Value(math.log(v.data), (v,), "log")

    def _backward() -> None:
        v.grad += 1 / v.data * out.grad

    out._backward = _backward
    return out
    # solution: end


def softmax(logits: list[Value]) -> list[Value]:
    """Turn any numbers into probabilities: exponentials, divided by their sum.

    Args:
        logits: n Values of any size, 1000 and -1000 too; n is at least 1. They keep their data.

    Returns:
        n Values between 0 and 1 whose sum is 1, in the order of the logits. Gradients flow back to the logits.
    """
    # solution: begin
    largest = max(v.data for v in logits)  # a plain number: the result does not depend on it
    counts = [(v - largest).exp() for v in logits]  # n numbers from 0 to 1
    total = sum(counts)
    return [count / total for count in counts]
    # solution: end


def nll_loss(probs: list[Value], target: int) -> Value:
    """Return the negative logarithm of the probability that the right class was given.

    Args:
        probs: n probabilities, as softmax gives them.
        target: The right class, 0 to n - 1.

    Returns:
        The loss in nats, a Value from which gradients flow back.
    """
    # solution: begin
    return -value_log(probs[target])
    # solution: end
