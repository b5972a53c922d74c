"""Neuron, Layer and MLP: a network whose every number is a Value.

Source: "The spelled-out intro to neural networks and backpropagation: building micrograd", 1:43:55 to 2:01:12.
"""

import math
import random
from collections.abc import Sequence

# --- given: the class of the two exercises before, with backward as a method, and a generator; leave it as it is ---


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


# --- yours -------------------------------------------------------------------------------------------


class Neuron:
    """A weighted sum of the inputs plus a bias, pushed through tanh.

    Attributes:
        w: The weights, a list of nin Values.
        b: The bias, a Value.
    """

    def __init__(self, nin: int, rng: random.Random | None = None) -> None:
        """Draw nin weights and the bias, each uniformly between -1 and 1.

        Args:
            nin: The number of inputs.
            rng: What to draw from; None stands for the module `random`.
        """
        # solution: begin
        draw = (rng or random).uniform
        self.w = [Value(draw(-1, 1)) for _ in range(nin)]
        self.b = Value(draw(-1, 1))
        # solution: end

    def __call__(self, x: Sequence[float | Value]) -> Value:
        """Return tanh(w[0] * x[0] + w[1] * x[1] + ... + b).

        Args:
            x: nin inputs, plain numbers or Values.

        Raises:
            ValueError: If x has more or fewer than nin inputs.
        """
        # solution: begin
        products = (wi * xi for wi, xi in zip(self.w, x, strict=True))  # strict: a ValueError for another length
        return sum(products, self.b).tanh()
        # solution: end

    def parameters(self) -> list[Value]:
        """List the nin + 1 Values that can be trained: the objects themselves, in the same order on every call."""
        # solution: begin
        return [*self.w, self.b]
        # solution: end


class Layer:
    """Several neurons that look at the same inputs.

    Attributes:
        neurons: A list of nout Neurons.
    """

    def __init__(self, nin: int, nout: int, rng: random.Random | None = None) -> None:
        """Make nout neurons.

        Args:
            nin: The number of inputs of each.
            nout: The number of neurons, at least 1.
            rng: What they draw from, one after the other; None stands for the module `random`.
        """
        # solution: begin
        self.neurons = [Neuron(nin, rng) for _ in range(nout)]
        # solution: end

    def __call__(self, x: Sequence[float | Value]) -> Value | list[Value]:
        """Return the output of every neuron.

        Args:
            x: nin inputs, plain numbers or Values.

        Returns:
            A list of nout Values; with a single neuron its Value alone.

        Raises:
            ValueError: If x has more or fewer than nin inputs.
        """
        # solution: begin
        out = [neuron(x) for neuron in self.neurons]
        return out[0] if len(out) == 1 else out
        # solution: end

    def parameters(self) -> list[Value]:
        """List the parameters of all neurons in one flat list, in the same order on every call."""
        # solution: begin
        return [p for neuron in self.neurons for p in neuron.parameters()]
        # solution: end


class MLP:
    """A multi-layer perceptron: each layer takes what the layer before it gives.

    Attributes:
        layers: A list of Layers, the first one on the inputs.
    """

    def __init__(self, nin: int, nouts: list[int], rng: random.Random | None = None) -> None:
        """Make one layer for each entry of nouts.

        Args:
            nin: The number of inputs of the network.
            nouts: The number of neurons of each layer, at least one layer of at least one neuron.
            rng: What the layers draw from, one after the other; None stands for the module `random`.
        """
        # solution: begin
        sizes = [nin, *nouts]
        self.layers = [Layer(n, m, rng) for n, m in zip(sizes, nouts, strict=False)]  # the last size feeds nothing
        # solution: end

    def __call__(self, x: Sequence[float | Value]) -> Value | list[Value]:
        """Return the output of the last layer.

        Args:
            x: nin inputs, plain numbers or Values.

        Returns:
            A list of nouts[-1] Values; with a single neuron in the last layer its Value alone.

        Raises:
            ValueError: If x has more or fewer than nin inputs.
        """
        # solution: begin
        for layer in self.layers:
            out = layer(x)
            x = out if isinstance(out, list) else [out]  # a layer with one neuron gives its Value alone
        return out
        # solution: end

    def parameters(self) -> list[Value]:
        """List the parameters of all layers in one flat list, in the same order on every call."""
        # solution: begin
        return [p for layer in self.layers for p in layer.parameters()]
        # solution: end
