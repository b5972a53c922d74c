"""Two losses and a training loop for networks of Values.

Source: "The spelled-out intro to neural networks and backpropagation: building micrograd", 1:51:04 to 2:14:03.
"""

import math
import random
from collections.abc import Sequence

# --- given: the classes of the exercises before, and a generator; leave them as they are ------------


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


class Neuron:
    """A weighted sum of the inputs plus a bias, pushed through tanh; w are the weights, b is the bias."""

    def __init__(self, nin: int, rng: random.Random | None = None) -> None:
        draw = (rng or random).uniform
        self.w = [Value(draw(-1, 1)) for _ in range(nin)]
        self.b = Value(draw(-1, 1))

    def __call__(self, x: Sequence[float | Value]) -> Value:
        return sum((wi * xi for wi, xi in zip(self.w, x, strict=True)), self.b).tanh()

    def parameters(self) -> list[Value]:
        return [*self.w, self.b]


class Layer:
    """Several neurons that look at the same inputs; a single one gives its Value, several a list."""

    def __init__(self, nin: int, nout: int, rng: random.Random | None = None) -> None:
        self.neurons = [Neuron(nin, rng) for _ in range(nout)]

    def __call__(self, x: Sequence[float | Value]) -> Value | list[Value]:
        out = [neuron(x) for neuron in self.neurons]
        return out[0] if len(out) == 1 else out

    def parameters(self) -> list[Value]:
        return [p for neuron in self.neurons for p in neuron.parameters()]


class MLP:
    """Layers, each of which takes what the one before gives; MLP(3, [4, 4, 1]) has 3 inputs and 1 output."""

    def __init__(self, nin: int, nouts: list[int], rng: random.Random | None = None) -> None:
        sizes = [nin, *nouts]
        self.layers = [Layer(n, m, rng) for n, m in zip(sizes, nouts, strict=False)]

    def __call__(self, x: Sequence[float | Value]) -> Value | list[Value]:
        for layer in self.layers:
            out = layer(x)
            x = out if isinstance(out, list) else [out]
        return out

    def parameters(self) -> list[Value]:
        return [p for layer in self.layers for p in layer.parameters()]


# --- yours -------------------------------------------------------------------------------------------


def sum_squared_error(ypred: list[Value], ys: list[float]) -> Value:
    """Add up the squares of the differences between predictions and targets.

    Args:
        ypred: B predictions.
        ys: B targets, plain numbers.

    Returns:
        The sum over all B, not the mean, as a Value from which gradients flow back to ypred.
    """
    # solution: begin
    return sum(((yout - y) ** 2 for yout, y in zip(ypred, ys, strict=True)), Value(0.0))
    # solution: end


def hinge_loss(scores: list[Value], ys: list[int], parameters: list[Value], alpha: float = 1e-4) -> Value:
    """Charge for every score whose margin is below 1, and for large parameters.

    Args:
        scores: B scores, at least one.
        ys: B classes, each -1 or 1. The margin of a score is its class times the score.
        parameters: What is penalised, any number of Values, none too.
        alpha: The strength of the penalty.

    Returns:
        The mean over the B scores of how far the margin stays below 1 (0 where it does not), plus alpha times the sum
        of the squares of the parameters, as one Value from which gradients flow back to scores and parameters.
    """
    # solution: begin
    losses = [(1 - y * score).relu() for y, score in zip(ys, scores, strict=True)]
    return sum(losses) / len(losses) + alpha * sum(p * p for p in parameters)
    # solution: end


def train(model: MLP, xs: list[list[float]], ys: list[float], steps: int, lr: float) -> list[float]:
    """Train a network in place by gradient descent on the sum of squared errors over all examples.

    Args:
        model: A network with one output. What stands in the grad of its parameters before does not count.
        xs: B examples with the inputs of the network.
        ys: B targets.
        steps: The number of updates, 0 or more; each uses all examples.
        lr: The learning rate: a parameter moves by lr times its gradient.

    Returns:
        The loss before each update, `steps` plain numbers. Prints a loss now and then, to be looked at meanwhile.
    """
    # solution: begin
    losses = []
    for step in range(steps):
        # forward pass
        loss = sum_squared_error([model(x) for x in xs], ys)
        # backward pass
        for p in model.parameters():
            p.grad = 0.0
        loss.backward()
        # update
        for p in model.parameters():
            p.data -= lr * p.grad
        losses.append(loss.data)
        if step % 20 == 0:
            print(f"{step:4d} steps: loss {loss.data:.4f}")
    return losses
    # solution: end
