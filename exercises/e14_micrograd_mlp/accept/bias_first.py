"""Neuron, Layer and MLP: a network whose every number is a Value."""

import math
import random
from collections.abc import Sequence

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


def make_generator(seed: int) -> random.Random:
    """Make a generator of random numbers; equal seeds give equal numbers."""
    return random.Random(seed)


# --- the exercise ---


class Neuron:
    """A weighted sum of the inputs plus a bias, pushed through tanh."""

    def __init__(self, nin: int, rng: random.Random | None = None) -> None:
        draw = (rng or random).uniform
        self.b = Value(draw(-1, 1))
        self.w = [Value(draw(-1, 1)) for _ in range(nin)]

    def __call__(self, x: Sequence[float | Value]) -> Value:
        if len(x) != len(self.w):
            raise ValueError(f"{len(x)} inputs for {len(self.w)} weights")
        total = self.b
        for wi, xi in zip(self.w, x, strict=True):
            total = total + xi * wi
        return total.tanh()

    def parameters(self) -> list[Value]:
        return [self.b, *self.w]


class Layer:
    """Several neurons that look at the same inputs."""

    def __init__(self, nin: int, nout: int, rng: random.Random | None = None) -> None:
        self.neurons = [Neuron(nin, rng) for _ in range(nout)]

    def __call__(self, x: Sequence[float | Value]) -> Value | list[Value]:
        out = [neuron(x) for neuron in self.neurons]
        return out[0] if len(out) == 1 else out

    def parameters(self) -> list[Value]:
        return [p for neuron in self.neurons for p in neuron.parameters()]


class MLP:
    """A multi-layer perceptron: each layer takes what the layer before it gives."""

    def __init__(self, nin: int, nouts: list[int], rng: random.Random | None = None) -> None:
        sizes = [nin, *nouts]
        self.layers = [Layer(n, m, rng) for n, m in zip(sizes, nouts, strict=False)]  # the last size feeds nothing

    def __call__(self, x: Sequence[float | Value]) -> Value | list[Value]:
        for layer in self.layers:
            out = layer(x)
            x = out if isinstance(out, list) else [out]  # a layer with one neuron gives its Value alone
        return out

    def parameters(self) -> list[Value]:
        return [p for layer in self.layers for p in layer.parameters()]
