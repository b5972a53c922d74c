"""Checks of Neuron, Layer and MLP: the same network is computed with torch in float64, from the weights read over there.

Handles do not tell whether they are the same object, so Values are told apart by the labels given to them.
"""

import math
import random
from typing import Any

import torch
from torch import Tensor

from grader.testing import CheckFailure, LearnerRaised, assert_close, assert_equal, describe, require, type_name

#: Networks as (inputs, neurons of each layer); no hidden layer here has a single neuron.
SHAPES = ((3, [4, 4, 1]), (2, [3]), (2, [5, 2, 3]), (1, [2, 1]))


def draw_inputs(nin: int, draw: random.Random) -> list[float]:
    return [draw.uniform(-1.5, 1.5) for _ in range(nin)]


def require_values(values: Any, what: str) -> list[Any]:
    """Return the items of a flat list of Values, or fail."""
    require(isinstance(values, list), f"{what} should be a list, not {type_name(values)}", got=values)
    for k, value in enumerate(values):
        name = type_name(value)
        require(name == "Value", f"{what} should hold Values only, but item {k} is a {name}", got=value)
    return values


def require_value(value: Any, what: str) -> Any:
    require(type_name(value) == "Value", f"{what} should be a Value, not {type_name(value)}", got=value)
    return value


def list_neurons(model: Any) -> list[list[Any]]:
    """Return the neurons of each layer of an MLP."""
    return [list(layer.neurons) for layer in model.layers]


class Twin:
    """The network over there, computed here with torch in float64: (W, b) per layer, a row of W for each neuron."""

    def __init__(self, neurons: list[list[Any]]) -> None:
        self._neurons = neurons
        self.layers: list[tuple[Tensor, Tensor]] = []
        for layer in neurons:
            W = torch.tensor([[w.data for w in neuron.w] for neuron in layer], dtype=torch.float64)  # (nout, nin)
            b = torch.tensor([neuron.b.data for neuron in layer], dtype=torch.float64)  # (nout,)
            self.layers.append((W.requires_grad_(), b.requires_grad_()))

    def __call__(self, x: Tensor) -> Tensor:
        for W, b in self.layers:
            x = torch.tanh(W @ x + b)
        return x

    def require_gradients(self, what: str) -> None:
        """Compare the gradients over there with those that torch has left in the twin."""
        for i, (layer, (W, b)) in enumerate(zip(self._neurons, self.layers, strict=True)):
            for j, neuron in enumerate(layer):
                where = f"layer {i}, neuron {j} of {what}"
                got = [w.grad for w in neuron.w]
                assert_close(got, W.grad[j].tolist(), what=f"the gradients of w in {where}")
                assert_close(neuron.b.grad, float(b.grad[j]), what=f"the gradient of b in {where}")


def add_up(outputs: list[Any], factors: list[float]) -> Any:
    total = outputs[0] * factors[0]
    for output, factor in zip(outputs[1:], factors[1:], strict=True):
        total = total + output * factor
    return total


def test_neuron(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    for nin in (1, 2, 5):
        neuron = submission.Neuron(nin, submission.make_generator(draw.randrange(1000)))
        w = require_values(neuron.w, f"w of Neuron({nin})")
        assert_equal(len(w), nin, what=f"the number of weights of Neuron({nin})")
        numbers, bias = [v.data for v in w], require_value(neuron.b, f"b of Neuron({nin})").data
        for x in (draw_inputs(nin, draw), tuple(draw_inputs(nin, draw)), [draw.randint(-2, 2) for _ in range(nin)]):
            expected = math.tanh(sum(wi * xi for wi, xi in zip(numbers, x, strict=True)) + bias)
            out = require_value(neuron(x), f"the output of Neuron({nin})")
            assert_close(out.data, expected, what=f"Neuron({nin}) of {describe(x)}, with w {numbers} and b {bias}")


def test_bias(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    neuron = submission.Neuron(2, submission.make_generator(seed))
    bias = draw.uniform(0.3, 0.9)
    neuron.b.data = bias
    out = require_value(neuron([0.0, 0.0]), "the output of Neuron(2)")
    assert_close(out.data, math.tanh(bias), what=f"Neuron(2) of two zeros, with bias {bias}")
    layer, model = submission.Layer(2, 3), submission.MLP(2, [3, 1])
    for what, owner, neurons in (
        ("Neuron(2)", neuron, [neuron]),
        ("Layer(2, 3)", layer, list(layer.neurons)),
        ("MLP(2, [3, 1])", model, [n for row in list_neurons(model) for n in row]),
    ):
        for n in neurons:
            n.b.label = "a bias"
        found = [p.label for p in require_values(owner.parameters(), f"parameters() of {what}")].count("a bias")
        require(
            found == len(neurons),
            f"every neuron has a bias, and all of them belong into parameters(), but that of {what} lists "
            f"{found} of {len(neurons)}",
        )


def test_parameters(submission: Any) -> None:
    made = [(f"Neuron({n})", submission.Neuron(n), n + 1) for n in (1, 4)]
    made += [(f"Layer({n}, {m})", submission.Layer(n, m), (n + 1) * m) for n, m in ((3, 4), (5, 1))]
    for nin, nouts in SHAPES:
        count = sum((n + 1) * m for n, m in zip([nin, *nouts], nouts, strict=False))
        made.append((f"MLP({nin}, {nouts})", submission.MLP(nin, nouts), count))
    for what, owner, count in made:
        parameters = require_values(owner.parameters(), f"parameters() of {what}")
        assert_equal(len(parameters), count, what=f"the number of parameters of {what}")
        for k, parameter in enumerate(parameters):
            parameter.label = f"parameter {k}"
        # Where two entries are one object, the later label has replaced the earlier one.
        distinct = len({parameter.label for parameter in parameters})
        require(distinct == count, f"of the {count} parameters of {what} only {distinct} are objects of their own")


def test_same_objects(submission: Any, seed: int) -> None:
    model = submission.MLP(2, [3, 1], submission.make_generator(seed))
    first = require_values(model.parameters(), "parameters() of MLP(2, [3, 1])")
    for k, parameter in enumerate(first):
        parameter.label = f"parameter {k}"
    before = require_value(model([0.5, -1.0]), "the output of MLP(2, [3, 1])").data
    again = [p.label for p in require_values(model.parameters(), "parameters() of MLP(2, [3, 1])")]
    expected = [f"parameter {k}" for k in range(len(first))]
    require(
        again == expected,
        "a second call of parameters(), after a forward pass, does not list the same objects in the same order",
        got=again,
        expected=expected,
    )
    for k, parameter in enumerate(first):
        old = parameter.data
        parameter.data = old + 0.5
        after = model([0.5, -1.0]).data
        require(
            abs(after - before) > 1e-9,
            f"parameter {k} of MLP(2, [3, 1]) was changed by 0.5, and the output did not move",
            got=after,
        )
        parameter.data = old


def test_output_kind(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    for n in (1, 2, 4):
        for what, model in (
            (f"Layer(3, {n})", submission.Layer(3, n)),
            (f"MLP(3, [{n}])", submission.MLP(3, [n])),
            (f"MLP(3, [2, {n}])", submission.MLP(3, [2, n])),
        ):
            out = model(draw_inputs(3, draw))
            if n == 1:
                require_value(out, f"the output of {what}")
            else:
                assert_equal(len(require_values(out, f"the output of {what}")), n, what=f"the outputs of {what}")


def test_matches_torch(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    for nin, nouts in SHAPES:
        what = f"MLP({nin}, {nouts})"
        model = submission.MLP(nin, nouts, submission.make_generator(draw.randrange(1000)))
        neurons = list_neurons(model)
        sizes = [len(layer) for layer in neurons]
        require(sizes == nouts, f"the layers of {what} have {sizes} neurons", expected=nouts)
        twin = Twin(neurons)
        numbers = draw_inputs(nin, draw)
        here = torch.tensor(numbers, dtype=torch.float64, requires_grad=True)
        expected = twin(here)
        inputs = [submission.Value(number) for number in numbers]
        for x in (numbers, inputs):
            out = model(x)
            outputs = [require_value(out, f"the output of {what}")] if nouts[-1] == 1 else require_values(out, what)
            kind = "numbers" if x is numbers else "Values"
            assert_close([o.data for o in outputs], expected.tolist(), what=f"the output of {what} for {nin} {kind}")
        factors = draw_inputs(nouts[-1], draw)
        (expected * torch.tensor(factors, dtype=torch.float64)).sum().backward()
        add_up(outputs, factors).backward()
        twin.require_gradients(what)
        assert_close([v.grad for v in inputs], here.grad.tolist(), what=f"the gradients of the inputs of {what}")


def test_narrow_layer(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    for nin, nouts in ((2, [1, 3]), (3, [2, 1, 1])):
        model = submission.MLP(nin, nouts)
        x = draw_inputs(nin, draw)
        expected = Twin(list_neurons(model))(torch.tensor(x, dtype=torch.float64)).tolist()
        out = model(x)
        got = (
            [o.data for o in require_values(out, f"the output of MLP({nin}, {nouts})")] if nouts[-1] > 1 else [out.data]
        )
        assert_close(got, expected, what=f"the output of MLP({nin}, {nouts})")


def test_wrong_length(submission: Any) -> None:
    models = (
        ("Neuron(3)", submission.Neuron(3)),
        ("Layer(3, 2)", submission.Layer(3, 2)),
        ("MLP(3, [2, 1])", submission.MLP(3, [2, 1])),
    )
    for what, model in models:
        for x in ([1.0, 2.0], [1.0, 2.0, 3.0, 4.0], []):
            try:
                out = model(x)
            except LearnerRaised as raised:
                if "NotImplementedError" in raised.kinds:
                    raise
                require(
                    "ValueError" in raised.kinds,
                    f"{what} of {len(x)} inputs should raise ValueError, not {raised.kinds[0]}",
                    got=raised.text,
                )
            else:
                raise CheckFailure(
                    f"{what} of {len(x)} inputs should raise ValueError, but returned something",
                    got=describe(out),
                    expected="ValueError",
                )


def test_draws(submission: Any, seed: int) -> None:
    # Of 150 uniform numbers all are above -0.8 (or below 0.8) with probability 0.9 ** 150, about 1e-7.
    for how, rng in (("with a generator", submission.make_generator(seed)), ("without one", None)):
        neurons = list(submission.Layer(1, 150, rng).neurons)
        for what, numbers in (
            ("weights", [w.data for neuron in neurons for w in neuron.w]),
            ("biases", [neuron.b.data for neuron in neurons]),
        ):
            low, high = min(numbers), max(numbers)
            require(
                low >= -1 and high <= 1,
                f"of the {what} of Layer(1, 150), drawn {how}, some lie outside of [-1, 1]",
                got=f"from {low:.4f} to {high:.4f}",
            )
            require(
                low < -0.8 and high > 0.8,
                f"the 150 {what} of Layer(1, 150), drawn {how}, lie between {low:.4f} and {high:.4f}; uniform numbers "
                "from [-1, 1] would reach further",
            )


def test_same_seed(submission: Any, seed: int) -> None:
    def read(rng: Any) -> list[float]:
        return [p.data for p in submission.MLP(2, [3, 1], rng).parameters()]

    rng = submission.make_generator(seed)
    first, second = read(rng), read(rng)
    again = read(submission.make_generator(seed))
    require(
        again == first,
        "two networks MLP(2, [3, 1]), drawn from generators with the same seed, have different parameters",
        got=again,
        expected=first,
    )
    for other, what in (
        (second, "two networks drawn one after the other from one generator"),
        (read(submission.make_generator(seed + 1)), "networks from generators of different seeds"),
    ):
        require(other != first, f"{what} are alike", got=other)
    require(
        len(set(first)) == len(first),
        "numbers occur twice among the parameters of MLP(2, [3, 1]): all are drawn anew from one generator",
        got=first,
    )
