"""Checks of two losses and a training loop: the same is computed with torch in float64, and trained with its SGD."""

import random
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from grader.testing import CheckFailure, assert_close, assert_equal, require, type_name

#: The four examples of the lecture.
LECTURE_XS = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
LECTURE_YS = [1.0, -1.0, -1.0, 1.0]
#: Networks with one output, as (inputs, neurons of each layer), and a number of examples for each.
SHAPES = ((3, [4, 4, 1], 4), (2, [3, 1], 5), (1, [1], 2))


def draw_numbers(n: int, draw: random.Random, low: float = -1.5, high: float = 1.5) -> list[float]:
    return [draw.uniform(low, high) for _ in range(n)]


def make_values(submission: Any, numbers: list[float]) -> list[Any]:
    return [submission.Value(number) for number in numbers]


def make_leaf(numbers: list[float]) -> Tensor:
    return torch.tensor(numbers, dtype=torch.float64, requires_grad=True)


def require_value(value: Any, what: str) -> Any:
    require(type_name(value) == "Value", f"{what} should be a Value, not {type_name(value)}", got=value)
    return value


def hinge_here(scores: Tensor, ys: list[int], parameters: Tensor, alpha: float) -> Tensor:
    return (1 - torch.tensor(ys) * scores).clamp(min=0).mean() + alpha * (parameters**2).sum()


def differentiate(loss: Tensor, *leaves: Tensor) -> list[list[float]]:
    return [g.tolist() for g in torch.autograd.grad(loss, leaves)]


class Twin:
    """The network over there, its numbers copied into float64 tensors here."""

    def __init__(self, model: Any) -> None:
        self.layers: list[tuple[Tensor, Tensor]] = []
        for layer in model.layers:
            neurons = list(layer.neurons)
            W = make_leaf([[w.data for w in neuron.w] for neuron in neurons])  # (nout, nin)
            self.layers.append((W, make_leaf([neuron.b.data for neuron in neurons])))  # b: (nout,)

    def compute_loss(self, xs: list[list[float]], ys: list[float]) -> Tensor:
        h = torch.tensor(xs, dtype=torch.float64)  # (B, nin)
        for W, b in self.layers:
            h = torch.tanh(h @ W.T + b)
        return ((h.flatten() - torch.tensor(ys, dtype=torch.float64)) ** 2).sum()

    def train(self, xs: list[list[float]], ys: list[float], steps: int, lr: float) -> list[float]:
        """Train with torch's own SGD; returns the loss before each update."""
        optimizer = torch.optim.SGD([t for layer in self.layers for t in layer], lr=lr)
        losses = []
        for _ in range(steps):
            loss = self.compute_loss(xs, ys)
            losses.append(loss.item())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return losses

    def numbers(self) -> list[list[list[float]]]:
        """Return W and b of each layer as lists, b as a row of its own."""
        return [[*W.tolist(), b.tolist()] for W, b in self.layers]


def require_trained(model: Any, expected: Twin, what: str) -> None:
    for i, ((W, b), (W_here, b_here)) in enumerate(zip(Twin(model).layers, expected.layers, strict=True)):
        for j in range(len(W)):
            where = f"{what}: layers[{i}].neurons[{j}]"
            # The same sums in another order, five times over: rounding stays far below 1e-10.
            assert_close(W[j].tolist(), W_here[j].tolist(), rtol=1e-10, atol=1e-10, what=f"{where}.w")
            assert_close(b[j].item(), b_here[j].item(), rtol=1e-10, atol=1e-10, what=f"{where}.b")


def make_case(
    submission: Any, draw: random.Random, shape: tuple[int, list[int], int]
) -> tuple[Any, list[Any], list[float]]:
    """Make a network over there, with examples and targets for it."""
    nin, nouts, B = shape
    model = submission.MLP(nin, nouts, submission.make_generator(draw.randrange(1000)))
    return model, [draw_numbers(nin, draw) for _ in range(B)], draw_numbers(B, draw, -1, 1)


def test_squared_error(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    for B in (1, 4, 7):
        numbers, ys = draw_numbers(B, draw), draw_numbers(B, draw)
        here = make_leaf(numbers)
        expected = ((here - torch.tensor(ys, dtype=torch.float64)) ** 2).sum()
        ypred = make_values(submission, numbers)
        loss = require_value(submission.sum_squared_error(ypred, ys), "the sum of squared errors")
        assert_close(loss.data, expected.item(), what=f"the sum of squared errors of {B} predictions")
        loss.backward()
        (gradients,) = differentiate(expected, here)
        assert_close([v.grad for v in ypred], gradients, what="its gradients with respect to the predictions")


def test_hinge(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    for B, P, alpha in ((1, 2, 0.5), (4, 3, 0.03), (7, 5, 2.0)):
        # Margins of both kinds, none of them near the kink at 1, where a derivative is a matter of taste.
        ys = [draw.choice((-1, 1)) for _ in range(B)]
        numbers = [y * draw.choice((draw.uniform(-2, 0.9), draw.uniform(1.1, 3))) for y in ys]
        numbers[0] = ys[0] * draw.uniform(-2, 0.9)
        if B > 1:
            numbers[1] = ys[1] * draw.uniform(1.1, 3)
        weights = [draw.choice((-1, 1)) * draw.uniform(0.2, 1.5) for _ in range(P)]
        weights[0] = -abs(weights[0])
        scores_here, weights_here = make_leaf(numbers), make_leaf(weights)
        expected = hinge_here(scores_here, ys, weights_here, alpha)
        scores, parameters = make_values(submission, numbers), make_values(submission, weights)
        loss = require_value(submission.hinge_loss(scores, ys, parameters, alpha), "the hinge loss")
        what = f"{B} scores and {P} parameters, alpha {alpha}"
        assert_close(loss.data, expected.item(), what=f"the hinge loss of {what}")
        loss.backward()
        score_gradients, weight_gradients = differentiate(expected, scores_here, weights_here)
        assert_close([v.grad for v in scores], score_gradients, what=f"the gradients of the scores, for {what},")
        assert_close(
            [v.grad for v in parameters], weight_gradients, what=f"the gradients of the parameters, for {what},"
        )

    # Scores that depend on the parameters, as those of a network do: both ways lead to the same Values.
    numbers, ys = [0.4, -0.3], [1, -1, -1]
    here, (w, b) = make_leaf(numbers), make_values(submission, numbers)
    scores = [w * x + b for x in (-1.0, 2.0, 0.5)]
    submission.hinge_loss(scores, ys, [w, b], 0.1).backward()
    inputs = torch.tensor([-1.0, 2.0, 0.5], dtype=torch.float64)
    expected = hinge_here(here[0] * inputs + here[1], ys, here, 0.1)
    (gradients,) = differentiate(expected, here)
    assert_close([w.grad, b.grad], gradients, what="the gradients of w and b in the hinge loss of scores w * x + b")


def test_satisfied(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    ys = [1, -1, 1, -1]
    margins = [1.0, 1.0, draw.uniform(1.1, 2), draw.uniform(2, 50)]
    scores = make_values(submission, [y * margin for y, margin in zip(ys, margins, strict=True)])
    (parameter,) = make_values(submission, [3.0])
    loss = submission.hinge_loss(scores, ys, [parameter], 0.5)
    # Three times three, half of it; the scores add nothing.
    assert_close(loss.data, 4.5, what=f"the hinge loss for margins of {margins}, with one parameter 3.0 and alpha 0.5,")
    loss.backward()
    assert_close([v.grad for v in scores[2:]], [0.0, 0.0], what="the gradients of scores with margins above 1")


def test_no_penalty(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    numbers, weights, ys = draw_numbers(3, draw, -0.9, 0.9), draw_numbers(4, draw, 0.5, 2), [1, -1, 1]
    empty = torch.zeros(0, dtype=torch.float64)
    data_term = hinge_here(torch.tensor(numbers, dtype=torch.float64), ys, empty, 0.0).item()
    parameters = make_values(submission, weights)
    loss = submission.hinge_loss(make_values(submission, numbers), ys, parameters, 0.0)
    assert_close(loss.data, data_term, what="the hinge loss with alpha 0")
    loss.backward()
    assert_close([p.grad for p in parameters], [0.0] * 4, what="the gradients of the parameters with alpha 0")

    without = require_value(
        submission.hinge_loss(make_values(submission, numbers), ys, []), "the loss of no parameters"
    )
    assert_close(without.data, data_term, what="the hinge loss with an empty list of parameters")

    parameters = make_values(submission, weights)
    loss = submission.hinge_loss(make_values(submission, numbers), ys, parameters)
    penalty = sum(w * w for w in weights)
    assert_close(loss.data, data_term + 1e-4 * penalty, what="the hinge loss without alpha, which stands for 1e-4,")


def test_matches_sgd(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    for shape, lr in zip(SHAPES, (0.05, 0.1, 0.3), strict=True):
        model, xs, ys = make_case(submission, draw, shape)
        for steps in (1, 5):
            twin = Twin(model)
            start = twin.numbers()
            twin.train(xs, ys, steps, lr)
            submission.train(model, xs, ys, steps, lr)
            if Twin(model).numbers() == start:
                left = "all 0" if all(p.grad == 0 for p in model.parameters()) else "not 0"
                raise CheckFailure(f"train left every parameter where it was; their gradients are {left} when it ends")
            plural = "" if steps == 1 else "s"
            what = f"the parameters of MLP({shape[0]}, {shape[1]}) after {steps} step{plural} of lr {lr}"
            require_trained(model, twin, what)


def test_stale_gradients(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    model, xs, ys = make_case(submission, draw, SHAPES[1])
    twin = Twin(model)
    twin.train(xs, ys, 2, 0.1)
    for parameter in model.parameters():
        parameter.grad = 5.0
    submission.train(model, xs, ys, 2, 0.1)
    require_trained(model, twin, "the parameters after two steps from gradients that stood at 5.0 before")


def test_records(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    for shape, steps in zip(SHAPES, (4, 1, 0), strict=True):
        model, xs, ys = make_case(submission, draw, shape)
        twin = Twin(model)
        untrained = twin.compute_loss(xs, ys).item()
        expected = twin.train(xs, ys, steps, 0.2)
        losses = submission.train(model, xs, ys, steps, 0.2)
        assert_equal(len(losses), steps, what=f"the number of losses of {steps} steps")
        if steps:
            assert_close(losses[0], untrained, what="the first loss, that of the untrained network,")
        assert_close(losses, expected, what="the losses before each update")
        if steps == 0:
            require_trained(model, twin, "the parameters after no steps at all")


def test_arguments(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    numbers, ys = draw_numbers(4, draw), [1, 1, -1, -1]
    values, weights = make_values(submission, numbers), make_values(submission, numbers)
    targets = draw_numbers(4, draw)
    model = submission.MLP(3, [2, 1])
    for name, args in (
        ("sum_squared_error", (values, list(targets))),
        ("hinge_loss", (values, list(ys), weights)),
        ("train", (model, [list(x) for x in LECTURE_XS], list(targets), 2, 0.1)),
    ):
        after = submission.call(name, *args).args
        for k, (was, now) in enumerate(zip(args, after, strict=True)):
            if isinstance(was, list):
                what = f"argument {k} of {name}, after the call,"
                if was is values or was is weights:
                    now, was = [v.data for v in now], numbers
                assert_equal(now, was, what=what)


def time_here(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def test_cost(submission: Any, reference: Any, seed: int) -> None:
    steps = 40
    model = reference.MLP(3, [4, 4, 1], random.Random(seed))
    needed_s = time_here(lambda: reference.train(model, LECTURE_XS, LECTURE_YS, steps, 0.05))
    model = submission.MLP(3, [4, 4, 1], submission.make_generator(seed))
    spent_s = submission.call("train", model, LECTURE_XS, LECTURE_YS, steps, 0.05).charged_s
    # One forward and one backward pass per step; eight times that leaves room for a slow style, but not for a pass
    # per parameter, which is 40 times as much. Half a second is never too long: a whole training has ten.
    limit_s = max(8 * needed_s, 0.5)
    require(
        spent_s <= limit_s,
        f"{steps} steps took {spent_s:.1f} s; with one forward and one backward pass per step they need {needed_s:.2f} s",
        expected=f"at most {limit_s:.1f} s",
    )


def test_lecture_set(submission: Any, seed: int, pictures: Any) -> None:
    draw = random.Random(seed)
    curves: dict[str, list[float]] = {}
    ends, spent_s = [], 0.0
    for _ in range(3):
        network = draw.randrange(100_000)
        model = submission.MLP(3, [4, 4, 1], submission.make_generator(network))
        call = submission.call("train", model, LECTURE_XS, LECTURE_YS, 200, 0.05)
        curves[f"seed {network}"], spent_s = call.value, spent_s + call.charged_s
        ends.append((network, Twin(model).compute_loss(LECTURE_XS, LECTURE_YS).item()))
    pictures.lines("loss", "Loss of three networks on four points", curves, x_label="step", log_y=True)
    for network, end in ends:
        # Hundreds of seeds end below 0.02.
        require(
            end < 0.1,
            f"after 200 steps of lr 0.05 on the four points of the lecture the loss of the network with seed {network} "
            f"is {end:.4f}",
            expected="below 0.1",
        )
    # Well below a second each on any machine of today: ten are out of reach only for another algorithm.
    require(spent_s < 10, f"three trainings of 200 steps took {spent_s:.1f} s", expected="less than 10 s")
