"""Backward over a whole graph of Values, in topological order.

Source: "The spelled-out intro to neural networks and backpropagation: building micrograd", 1:17:32 to 1:27:05.
"""

import math

# --- given: the class of the lecture; leave it as it is ----------------------------------------------


class Value:
    """One number of a graph of operations, as the lecture builds it.

    data is the number, grad the derivative of the final output with respect to it (0.0 at first), _prev the operands it
    was made of (a tuple, so that their order is always the same), _op the name of the operation and label a name for
    people. _backward() adds to the grad of each operand this node's grad times the local derivative.
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


# --- yours -------------------------------------------------------------------------------------------


def topological_order(root: "Value") -> list["Value"]:
    """List everything a node depends on, operands before results.

    Args:
        root: Any node; its graph has no cycles, but may be thousands of nodes deep.

    Returns:
        The root and all it was made of, directly or not, each node once. Every node stands behind all of its
        operands, so the root is the last.
    """
    # solution: begin
    order: list[Value] = []
    seen: set[Value] = set()
    stack = [(root, False)]
    while stack:
        node, operands_done = stack.pop()
        if operands_done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))  # comes up again once everything above it is dealt with
            stack += [(operand, False) for operand in node._prev]
    return order
    # solution: end


def backward(root: "Value") -> None:
    """Go backward from a node: fill in the gradients of all it depends on.

    Args:
        root: The output. Its grad is set to 1.0; then each node of its graph has its _backward called, exactly once,
            after those of everything in this graph that uses the node. The _backward functions add to the gradients
            that are there; nothing is reset.
    """
    # solution: begin
    root.grad = 1.0
    for node in reversed(topological_order(root)):
        node._backward()
    # solution: end
