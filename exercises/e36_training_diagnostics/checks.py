"""Hidden checks of e36_training_diagnostics: references by NumPy in float64, computed before each call."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from grader.testing import LearnerRaised, assert_close, assert_equal, require

#: (rtol, atol). float32: sums of up to some thousand numbers of about 1; a logarithm near -3 is good to 3e-7.
TOLERANCE = {torch.float32: (1e-5, 1e-5), torch.float64: (1e-9, 1e-9)}
#: Shapes of a small network's parameters: matrices, biases, gains, and one kernel of three dimensions.
SHAPES = ((6, 4), (4,), (3, 5), (1, 7), (5,), (2, 3, 4), (8, 2))


def draw(rng: Generator, *shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
    """Draw numbers (...) with a mean and a spread of their own, so that means and norms tell something else."""
    mean, spread = (float(torch.rand(1, generator=rng)) + 0.2 for _ in range(2))
    return (mean + spread * torch.randn(*shape, generator=rng, dtype=torch.float64)).to(dtype)


def draw_params(
    rng: Generator, shapes: tuple[tuple[int, ...], ...] = SHAPES, dtype: torch.dtype = torch.float64
) -> tuple[list[Tensor], list[Tensor]]:
    """Draw parameters and their gradients, the gradients smaller by different factors."""
    data = [draw(rng, *shape, dtype=dtype) for shape in shapes]
    gradients = [draw(rng, *shape, dtype=dtype) * 10.0 ** -(i % 3) for i, shape in enumerate(shapes)]
    return data, gradients


def spread(t: Tensor) -> float:
    return float(np.std(t.detach().double().numpy(), ddof=1))


def ratios(data: list[Tensor], gradients: list[Tensor]) -> list[float]:
    """std(gradient) / std(data) of the matrices, in float64."""
    return [spread(g) / spread(p) for p, g in zip(data, gradients, strict=True) if p.dim() == 2]


def exponents(data: list[Tensor], gradients: list[Tensor], lr: float) -> list[float]:
    """log10 of the update ratios of the matrices, in float64."""
    return [math.log10(lr * ratio) for ratio in ratios(data, gradients)]


def run_layers(rng: Generator, gain: float, tanh: bool) -> list[Tensor]:
    """Send a batch through five layers of width 100, whose weights are gain / sqrt(100) wide."""
    h, acts = torch.randn(256, 100, generator=rng), []
    for _ in range(5):
        h = h @ (torch.randn(100, 100, generator=rng) * gain / 10)
        h = torch.tanh(h) if tanh else h
        acts.append(h)
    return acts


def test_activation_values(submission: Any, rng: Generator) -> None:
    for dtype, (rtol, atol) in TOLERANCE.items():
        acts = [draw(rng, *shape, dtype=dtype) for shape in ((40,), (7, 5), (3, 4, 5), (2,))]
        for arguments in ((), (0.4,), (1.3,)):
            threshold = arguments[0] if arguments else 0.97
            expected = [
                {
                    "mean": float(a.double().numpy().mean()),
                    "std": spread(a),
                    "saturated": float((np.abs(a.double().numpy()) > threshold).mean()),
                }
                for a in acts
            ]
            found = submission.activation_stats(acts, *arguments)
            assert_equal(len(found), len(acts), what="the number of layers in activation_stats")
            for a, stats, wanted in zip(acts, found, expected, strict=True):
                assert_equal(sorted(stats), sorted(wanted), what="the sorted keys of a layer's statistics")
                for name, value in wanted.items():
                    # A fraction may well be the mean of float32 zeros and ones.
                    close = (1e-6, 0.0) if name == "saturated" else (rtol, atol)
                    what = f"{name} of outputs of shape {tuple(a.shape)} (threshold {threshold:g})"
                    assert_close(stats[name], value, rtol=close[0], atol=close[1], what=what)
    assert_equal(submission.activation_stats([]), [], what="activation_stats of no layers")


def test_saturation(submission: Any, rng: Generator) -> None:
    low = -torch.ones(8)
    edge = torch.tensor([0.5, -0.5, 0.75, -0.75, 0.25, -0.25, 0.0, -1.0])
    cases = [(low, 1.0), (-low, 1.0), (0.25 * low, 0.0), (edge, 3 / 8)]
    found = submission.activation_stats([a for a, _ in cases], 0.5)
    for (a, expected), stats in zip(cases, found, strict=True):
        what = f"the saturated fraction of {a.tolist()} beyond 0.5"
        assert_close(stats["saturated"], expected, rtol=1e-6, atol=0.0, what=what)
    # Uneven on both sides, so that the share of one tail says nothing about the other.
    lopsided = torch.tanh(torch.randn(600, generator=rng) * 2 - 1)
    expected = float((lopsided.abs() > 0.97).double().mean())
    found = submission.activation_stats([lopsided])[0]["saturated"]
    assert_close(found, expected, rtol=1e-6, atol=1e-9, what="the saturated fraction of a tanh layer")


def test_depth(submission: Any, rng: Generator, pictures: Any) -> None:
    settings = (
        ("linear", "Linear layers, gain 5/3", 5 / 3, False, "grows"),
        ("tanh", "Outputs of tanh layers, gain 1", 1.0, True, "shrinks"),
        ("lecture", "Outputs of tanh layers, gain 5/3", 5 / 3, True, "settles"),
    )
    for name, title, gain, tanh, course in settings:
        acts = run_layers(rng, gain, tanh)
        found = submission.activation_stats(acts)
        stds = [stats["std"] for stats in found]
        labels = [f"layer {i + 1}: std {s['std']:.2f}, {s['saturated']:.1%} sat." for i, s in enumerate(found)]
        pictures.histograms(f"activations_{name}", title, dict(zip(labels, acts, strict=True)), x_label="output")
        expected = [spread(a) for a in acts]
        what = f"the std by depth ({title.lower()})"
        assert_close(stds, expected, rtol=1e-4, atol=1e-5, what=what)
        # Each linear layer multiplies the spread by 5/3, within 2 %; tanh takes off a tenth at least each time.
        factors = [b / a for a, b in pairwise(stds)]
        good = {
            "grows": all(factor > 1.4 for factor in factors),
            "shrinks": all(factor < 0.97 for factor in factors),
            "settles": all(0.9 < factor < 1.1 for factor in factors[1:]),
        }[course]
        require(good, f"with {title.lower()} the std {course} from layer to layer", got=[round(s, 4) for s in stds])


def test_gradient_ratios(submission: Any, rng: Generator) -> None:
    for dtype, (rtol, atol) in TOLERANCE.items():
        data, gradients = draw_params(rng, ((6, 4), (3, 5), (1, 7)), dtype)
        expected = ratios(data, gradients)
        params = submission.attach_gradients(data, gradients)
        found = submission.grad_data_ratio(params)
        assert_close(found, expected, rtol=rtol, atol=atol, what="grad_data_ratio")


def test_matrices_only(submission: Any, rng: Generator) -> None:
    data, gradients = draw_params(rng)
    for order in (range(len(SHAPES)), reversed(range(len(SHAPES)))):
        some = list(order)
        d, g = [data[i] for i in some], [gradients[i] for i in some]
        params = submission.attach_gradients(d, g)
        shapes = ", ".join(str(tuple(p.shape)) for p in d)
        found = submission.grad_data_ratio(params)
        assert_close(found, ratios(d, g), what=f"grad_data_ratio of parameters of the shapes {shapes}")
        found = submission.update_data_ratio(params, 0.1)
        assert_close(found, exponents(d, g, 0.1), what=f"update_data_ratio of parameters of the shapes {shapes}")
    vectors = submission.attach_gradients([data[1], data[4]], [gradients[1], None])
    assert_equal(submission.grad_data_ratio(vectors), [], what="grad_data_ratio of two vectors")
    assert_equal(submission.update_data_ratio(vectors, 0.1), [], what="update_data_ratio of two vectors")


def test_update_ratios(submission: Any, rng: Generator) -> None:
    for dtype, (rtol, atol) in TOLERANCE.items():
        data, gradients = draw_params(rng, ((6, 4), (3, 5), (9, 2)), dtype)
        params = submission.attach_gradients(data, gradients)
        for lr in (1.0, 0.1, 3e-4):
            found = submission.update_data_ratio(params, lr)
            expected = exponents(data, gradients, lr)
            assert_close(found, expected, rtol=rtol, atol=atol, what=f"update_data_ratio at lr {lr:g}")


def test_tenfold_rate(submission: Any, rng: Generator) -> None:
    params = submission.attach_gradients(*draw_params(rng))
    before = submission.update_data_ratio(params, 0.003)
    for factor in (10, 100):
        after = submission.update_data_ratio(params, 0.003 * factor)
        require(len(after) == len(before), "update_data_ratio returns more or fewer ratios at another learning rate")
        rises = [b - a for a, b in zip(before, after, strict=True)]
        what = f"the rise of each update ratio when lr is multiplied by {factor}"
        assert_close(rises, [math.log10(factor)] * len(rises), rtol=0.0, atol=1e-9, what=what)


def test_dead_layer(submission: Any, rng: Generator) -> None:
    data, gradients = draw_params(rng, ((6, 4), (3, 5), (4, 4)))
    gradients[1] = torch.zeros(3, 5, dtype=torch.float64)
    params = submission.attach_gradients(data, gradients)
    found = submission.grad_data_ratio(params)
    assert_close(found, ratios(data, gradients), what="grad_data_ratio where one gradient is zero")
    live = exponents(data[::2], gradients[::2], 0.1)
    found = submission.update_data_ratio(params, 0.1)
    assert_close(found, [live[0], -math.inf, live[1]], what="update_data_ratio where one gradient is zero")


def test_healthy_rate(submission: Any, rng: Generator) -> None:
    for dtype in (torch.float64, torch.float32):
        for shapes in (((6, 4),), ((6, 4), (4,), (3, 5)), ((4, 4), (5, 3), (3,), (2, 6)), ((5, 2),) * 4):
            data, gradients = draw_params(rng, shapes, dtype)
            params = submission.attach_gradients(data, gradients)
            for arguments in ((), (-2.0,), (-4.5,)):
                target = arguments[0] if arguments else -3.0
                lr = submission.healthy_lr(params, *arguments)
                require(
                    isinstance(lr, float | int) and 0 < lr < math.inf,
                    f"healthy_lr for the target {target:g} should be a positive number",
                    got=lr,
                )
                reached = float(np.median(exponents(data, gradients, lr)))
                # 1e-6 of the exponent; float32 ratios are good to 1e-6 themselves.
                atol = 1e-6 if dtype == torch.float64 else 1e-5
                count = sum(len(shape) == 2 for shape in shapes)
                what = f"the median update ratio of {count} matrices at healthy_lr for the target {target:g}"
                assert_close(reached, target, rtol=0.0, atol=atol, what=what)


def test_nothing_changes(submission: Any, rng: Generator) -> None:
    acts = [draw(rng, 5, 4).requires_grad_(), draw(rng, 3)]
    before = [a.detach().clone() for a in acts]
    after = submission.call("activation_stats", acts).args[0]
    for i, (now, then) in enumerate(zip(after, before, strict=True)):
        assert_equal(now.detach(), then, what=f"activation {i} after activation_stats")
    data, gradients = draw_params(rng)
    calls = (("grad_data_ratio", ()), ("update_data_ratio", (0.1,)), ("healthy_lr", ()))
    for name, arguments in calls:
        params = submission.attach_gradients(data, gradients)
        first = getattr(submission, name)(params, *arguments)
        for i, (now, then) in enumerate(zip(params, data, strict=True)):
            assert_equal(now.detach(), then, what=f"parameter {i} after {name}")
        for i, (now, then) in enumerate(zip(submission.read_gradients(params), gradients, strict=True)):
            assert_equal(now, then, what=f"the gradient of parameter {i} after {name}")
        again = getattr(submission, name)(params, *arguments)
        assert_equal(again, first, what=f"a second {name} of the same parameters")


def test_missing_gradient(submission: Any, rng: Generator) -> None:
    data, gradients = draw_params(rng, ((6, 4), (4,), (3, 5)))
    for place, gaps in (("the first", [None, *gradients[1:]]), ("the last", [*gradients[:2], None])):
        params = submission.attach_gradients(data, gaps)
        for name, arguments in (("grad_data_ratio", ()), ("update_data_ratio", (0.1,)), ("healthy_lr", ())):
            require_value_error(submission, name, params, arguments, f"where {place} matrix has no gradient")
    params = submission.attach_gradients([data[1]], [gradients[1]])
    require_value_error(submission, "healthy_lr", params, (), "without any matrix")


def require_value_error(submission: Any, name: str, params: Any, arguments: tuple[float, ...], when: str) -> None:
    try:
        found = getattr(submission, name)(params, *arguments)
    except LearnerRaised as error:
        if "ValueError" not in error.kinds:
            raise
    else:
        require(False, f"{name} should raise ValueError {when}", got=found, expected="ValueError")


def test_over_time(submission: Any, rng: Generator, pictures: Any) -> None:
    # A network as in the lecture, of tanh layers with gain 5/3 and a small last layer, trained at the learner's rate.
    sizes = (12, 40, 40, 40, 10)
    weights = [torch.randn(n, m, generator=rng) * (5 / 3) / n**0.5 for n, m in pairwise(sizes)]
    weights[-1] *= 0.1
    X = torch.randn(512, sizes[0], generator=rng)
    Y = (X @ torch.randn(sizes[0], sizes[-1], generator=rng)).argmax(1)
    lr, followed, losses = 0.0, [], []
    steps = list(range(0, 160, 4))
    for step in range(steps[-1] + 1):
        rows = torch.randint(0, len(X), (64,), generator=rng)
        leaves = [w.detach().requires_grad_() for w in weights]
        h = X[rows]
        for w in leaves[:-1]:
            h = torch.tanh(h @ w)
        loss = F.cross_entropy(h @ leaves[-1], Y[rows])
        gradients = list(torch.autograd.grad(loss, leaves))
        losses.append(loss.item())
        if step % 4 == 0:
            params = submission.attach_gradients([w.detach() for w in weights], gradients)
            if step == 0:
                lr = submission.healthy_lr(params)
                expected = 10 ** (-3 - float(np.median(exponents(weights, gradients, 1.0))))
                # 1e-6 of the exponent in float32 is 1e-5 of the rate.
                what = "healthy_lr for the first gradient of a network"
                assert_close(lr, expected, rtol=1e-4, atol=0.0, what=what)
            followed.append(submission.update_data_ratio(params, lr))
            expected = exponents(weights, gradients, lr)
            assert_close(followed[-1], expected, rtol=1e-5, atol=1e-5, what=f"update_data_ratio after {step} steps")
        if step == 0:
            spreads = submission.grad_data_ratio(params)
            labels = [f"{n} to {m}: grad:data {r:.1e}" for (n, m), r in zip(pairwise(sizes), spreads, strict=True)]
            by_layer = dict(zip(labels, gradients, strict=True))
            pictures.histograms(
                "gradients", "Gradients of each matrix before the first step", by_layer, x_label="gradient"
            )
        weights = [w - lr * g for w, g in zip(weights, gradients, strict=True)]
    lines: dict[str, Any] = {
        f"matrix {i + 1} ({n} to {m})": (steps, [row[i] for row in followed])
        for i, (n, m) in enumerate(pairwise(sizes))
    }
    lines["target"] = ([0, steps[-1]], [-3.0, -3.0])
    title = f"Update:data ratio while training at your healthy_lr, {lr:.3g}"
    pictures.lines("updates", title, lines, x_label="step", y_label="log10 of the ratio")
    pictures.lines("loss", "Loss of that training", {"loss": losses}, x_label="step", y_label="nats")
