"""Checks of Kaiming initialisation: formulas exactly, spreads as closely as so many random numbers allow."""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from grader.testing import CheckFailure, LearnerRaised, assert_close, assert_equal, require

NAMES = ("linear", "relu", "leaky_relu", "tanh")
DEPTH, WIDTH = 20, 256


def make_generator(seed: int, i: int = 0) -> Generator:
    """Make a generator for the learner's weights; `rng`, for the inputs, starts from the seed itself."""
    return torch.Generator().manual_seed(seed + 1 + i)


def true_gain(name: str, slope: float = 0.01) -> float:
    """What the stub says, in other words: 1 over the root of the second moment that is left of a normal number."""
    if name == "tanh":
        return 5 / 3
    left = {"linear": 1.0, "relu": 0.0, "leaky_relu": slope}[name]  # the slope below 0
    return 1 / math.sqrt(0.5 + 0.5 * left**2)


def test_gains(submission: Any) -> None:
    for name in NAMES:
        assert_close(submission.gain(name), true_gain(name), what=f"gain({name!r})")
    for slope in (0.2, 0.01, 0.0, 1.0, -1.0, 3.0):
        expected = true_gain("leaky_relu", slope)
        assert_close(submission.gain("leaky_relu", slope), expected, what=f"gain('leaky_relu', {slope})")
    for name in ("linear", "relu", "tanh"):
        what = f"gain({name!r}, 0.5), where 0.5 has no meaning,"
        assert_close(submission.gain(name, param=0.5), true_gain(name), what=what)


def test_fans(submission: Any) -> None:
    cases = {
        (64, 3, 7, 7): (147, 3136),
        (200, 30): (30, 200),
        (3, 5): (5, 3),
        (8, 4, 5): (20, 40),
        (2, 3, 2, 4, 5): (120, 80),
        (6, 1, 1, 1): (1, 6),
    }
    for shape, fans in cases.items():
        assert_equal(submission.fan_in_out(shape), fans, what=f"fan_in_out({shape})")


def test_spread(submission: Any, seed: int) -> None:
    # Some 400,000 numbers and more, so that a standard deviation is known to 0.12 % and a share of 4.55 % to 0.04 %.
    cases: tuple[tuple[tuple[int, ...], str, str | None, int], ...] = (
        ((128, 64, 7, 7), "leaky_relu", None, 64 * 49),
        ((1000, 1000), "relu", None, 1000),
        ((1600, 400), "tanh", "fan_in", 400),
        ((1600, 400), "linear", "fan_out", 1600),
        ((64, 128, 7, 9), "relu", "fan_out", 64 * 63),
    )
    for shape, name, mode, fan in cases:
        generator = make_generator(seed)
        W = submission.kaiming_normal(shape, name, *([mode] if mode else []), generator=generator)
        call = f"kaiming_normal({shape}, {name!r}{f', {mode!r}' if mode else ''})"
        require_weights(W, shape, call)
        std, expected = float(W.double().std()), true_gain(name) / math.sqrt(fan)
        # A hundredth: eight times what chance does.
        assert_close(std, expected, rtol=0.01, atol=0.0, what=f"the standard deviation of {call}")
        mean = float(W.double().mean()) / expected
        # Six times the standard error of a mean.
        limit = 6 / math.sqrt(W.numel())
        require(abs(mean) < limit, f"the mean of {call} should be 0; it is {mean:.3g} standard deviations from it")
        share = float((W.double().abs() > 2 * expected).double().mean())
        require(
            abs(share - 0.0455) < 0.004,
            f"{share:.2%} of the numbers of {call} are more than two standard deviations from 0; of a normal "
            "distribution it is 4.55 %",
        )


def require_weights(W: object, shape: tuple[int, ...], call: str) -> None:
    """Require float32 weights of this shape."""
    good = isinstance(W, Tensor) and W.shape == shape and W.dtype == torch.float32
    require(good, f"{call} should return a float32 tensor of the shape {shape}", got=W)


def test_generator(submission: Any, seed: int) -> None:
    for shape in ((4, 5), (3, 2, 3)):
        first, second, other = (
            submission.kaiming_normal(shape, "relu", generator=make_generator(seed, i)) for i in (0, 0, 1)
        )
        assert_equal(second, first, what=f"weights {shape} drawn again with an equal generator")
        require(not torch.equal(other, first), f"generators of different seeds give the same weights {shape}")
        generator = make_generator(seed)
        again = submission.kaiming_normal(shape, "relu", "fan_in", generator)
        assert_equal(again, first, what=f"weights {shape}, with the generator as fourth argument")
        one, two = (submission.kaiming_normal(shape, "relu") for _ in range(2))
        require_weights(one, shape, f"kaiming_normal({shape}, 'relu')")
        require(not torch.equal(one, two), f"without a generator two draws of weights {shape} are the same")
    first, second, other = (submission.forward_std(2, 5, "relu", make_generator(seed, i)) for i in (0, 0, 1))
    assert_equal(second, first, what="forward_std, called again with an equal generator")
    require(first != other, "forward_std gives the same for generators of different seeds", got=other)


def send_through(weights: Iterator[Tensor], rng: Generator) -> list[float]:
    """Send random rows through a ReLU network and measure the spread before each ReLU."""
    x, stds = torch.randn(200, WIDTH, generator=rng), []
    for W in weights:
        z = x @ W.T
        stds.append(float(z.std()))
        x = torch.relu(z)
    return stds


def geometric_mean(runs: list[list[float]]) -> list[float]:
    """Average several lists number by number, on a log scale."""
    return torch.tensor(runs, dtype=torch.float64).log().mean(0).exp().tolist()


def test_depth(submission: Any, rng: Generator, seed: int, pictures: Any) -> None:
    # 20 layers of one network end at exp(-0.07 +- 0.26) times what they began with, the geometric mean of eight
    # networks at exp(-0.07 +- 0.09): a factor of 2 is exp(0.69).
    spread = {}
    for name in ("relu", "linear"):
        runs = []
        for i in range(8):
            generator = make_generator(seed, i)
            # All layers in one call: the number of rows has no part in fan_in.
            W = submission.kaiming_normal((DEPTH * WIDTH, WIDTH), name, generator=generator)
            require_weights(W, (DEPTH * WIDTH, WIDTH), f"kaiming_normal({(DEPTH * WIDTH, WIDTH)}, {name!r})")
            runs.append(send_through(iter(W.detach().split(WIDTH)), rng))
        spread[name] = geometric_mean(runs)
    series = {"gain of relu": spread["relu"], "gain 1": spread["linear"]}
    series = {label: (list(range(1, DEPTH + 1)), ys) for label, ys in series.items()}
    title = f"What goes into the ReLUs of {DEPTH} layers of {WIDTH} units"
    pictures.lines("depth", title, series, x_label="layer", y_label="standard deviation", log_y=True)

    kept = spread["relu"][-1] / spread["relu"][0]
    require(
        0.5 < kept < 2,
        f"through {DEPTH} layers of {WIDTH} ReLU units with weights for relu the spread should stay within a factor of 2; "
        f"it ends at {kept:.3g} times what it was in the first layer",
        got=[round(std, 4) for std in spread["relu"]],
    )
    # Each of 19 ReLUs halves the second moment, and nothing makes up for it: 2 ** -9.5.
    halvings = -math.log2(spread["linear"][-1] / spread["linear"][0])
    require(
        8.5 < halvings < 10.5,
        "with weights for a linear network, whose gain is 1, each ReLU of the same network should shrink the spread by "
        f"sqrt(2), which makes 2**-9.5 from the first layer to the last; here it is 2**{-halvings:.2f}",
        got=[float(f"{std:.3g}") for std in spread["linear"]],
    )
    sqrt_2 = math.sqrt(2)
    # Hundreds of thousands of weights, 200 rows: 2 % is some ten times what chance does.
    assert_close(
        spread["relu"][0], sqrt_2, rtol=0.02, atol=0.0, what="the spread in the first layer, for inputs of spread 1,"
    )


def test_forward_std(submission: Any, seed: int) -> None:
    # Geometric means of six networks of 6 layers. How far chance takes the last layer: linear +- 0.014, relu and
    # leaky_relu +- 0.08 with a drift of -0.04, tanh +- 0.003.
    for name, tolerance in (("linear", 0.1), ("relu", 0.45), ("leaky_relu", 0.45), ("tanh", 0.05)):
        runs = []
        for i in range(6):
            found = submission.forward_std(6, 128, name, make_generator(seed, i))
            good = isinstance(found, list) and len(found) == 6 and all(type(std) is float for std in found)
            require(good, f"forward_std(6, 128, {name!r}, generator) should return a list of 6 floats", got=found)
            runs.append(found)
        found = geometric_mean(runs)
        what = f"the spread in the first layer of a {name} network, for inputs of spread 1,"
        # 128 * 128 weights, six times: known to 0.3 %.
        assert_close(found[0], true_gain(name), rtol=0.02, atol=0.0, what=what)
        expected = true_gain(name) if name != "tanh" else None
        for layer, std in enumerate(found[1:], start=2):
            # tanh has no closed form: layer after layer the second moment of tanh of a normal number, times 25/9.
            expected = next_tanh_std(expected or true_gain(name)) if name == "tanh" else expected
            what = f"the spread in layer {layer} of a {name} network (mean of six networks)"
            assert_close(std, expected, rtol=tolerance, atol=0.0, what=what)
    assert_equal(
        len(submission.forward_std(1, 3, "relu", make_generator(seed))),
        1,
        what="the number of results for one layer",
    )


def next_tanh_std(std: float) -> float:
    """Work out the spread in the next layer of a wide tanh network by integrating over a normal distribution."""
    z = torch.linspace(-8, 8, 4001, dtype=torch.float64)
    density = torch.exp(-(z**2) / 2)
    moment = float((torch.tanh(std * z) ** 2 * density).sum() / density.sum())
    return 5 / 3 * math.sqrt(moment)


def test_backward(submission: Any, rng: Generator, seed: int) -> None:
    for shape in ((60, 300), (300, 60), (64, 9, 3, 3), (9, 64, 3)):
        generator = make_generator(seed)
        W = submission.kaiming_normal(shape, "linear", "fan_out", generator)
        require_weights(W, shape, f"kaiming_normal({shape}, 'linear', 'fan_out')")
        ratio = pass_back(W.detach(), rng)
        what = f"the spread of the gradient behind a layer with weights {shape}, relative to that before it,"
        # 1,700 weights at least: known to 2 %.
        assert_close(ratio, 1.0, rtol=0.12, atol=0.0, what=what)

    widths = (800, 400, 200, 100, 50)  # with fan_in the gradient would shrink to a quarter
    runs = []
    for i in range(6):
        generator = make_generator(seed, i)
        x = torch.randn(200, widths[0], generator=rng, requires_grad=True)
        z = x
        for fan_in, fan_out in pairwise(widths):
            W = submission.kaiming_normal((fan_out, fan_in), "relu", mode="fan_out", generator=generator)
            require_weights(W, (fan_out, fan_in), f"kaiming_normal({(fan_out, fan_in)}, 'relu', mode='fan_out')")
            z = torch.relu(z @ W.detach().T)
        weights = torch.randn(z.shape, generator=rng)
        (gradient,) = torch.autograd.grad((z * weights).sum(), x)
        runs.append([float(gradient.std())])
    what = f"the spread of the gradient that comes through ReLU layers of {widths} units, first to last,"
    # Four layers, six networks: +- 5 %.
    assert_close(geometric_mean(runs)[0], 1.0, rtol=0.35, atol=0.0, what=what)


def pass_back(W: Tensor, rng: Generator) -> float:
    """Send a random gradient back through a layer and compare its spread before and after.

    A convolution runs round in a circle, so that there are no edges with fewer connections.
    """
    out, fan_in, *kernel = W.shape
    if not kernel:
        gradient = torch.randn(200, out, generator=rng)
        return float((gradient @ W).std() / gradient.std())
    x = torch.zeros(4, fan_in, *[12] * len(kernel), requires_grad=True)
    padded = F.pad(x, [1] * 2 * len(kernel), mode="circular")
    y = (F.conv1d if len(kernel) == 1 else F.conv2d)(padded, W)
    gradient = torch.randn(y.shape, generator=rng)
    (back,) = torch.autograd.grad((y * gradient).sum(), x)
    return float(back.std() / gradient.std())


def test_unknown(submission: Any) -> None:
    calls: tuple[tuple[str, tuple[Any, ...], str], ...] = (
        ("gain", ("swish",), "swish"),
        ("gain", ("ReLU", 0.1), "ReLU"),
        ("kaiming_normal", ((3, 4), "sine"), "sine"),
        ("kaiming_normal", ((3, 4), "relu", "fan_avg"), "fan_avg"),
        ("kaiming_normal", ((3, 4), "relu", "in"), "in"),
        ("fan_in_out", ((5,),), "5"),
        ("fan_in_out", ((),), "()"),
        ("kaiming_normal", ((7,), "relu"), "7"),
    )
    for function, args, shown in calls:
        call = f"{function}({', '.join(map(repr, args))})"
        try:
            submission.call(function, *args)
        except LearnerRaised as raised:
            if "NotImplementedError" in raised.kinds:
                raise
            if "ValueError" not in raised.kinds:
                raise CheckFailure(f"{call} raises {raised.kinds[0]} instead of ValueError", got=raised.text) from None
            require(shown in raised.text, f"the message of {call} should show {shown}", got=raised.text)
        else:
            raise CheckFailure(f"{call} should raise ValueError and does not")
