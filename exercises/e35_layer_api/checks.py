"""Hidden checks of e35_layer_api: references in float64, computed from copies before each call."""

import math
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from grader.testing import assert_close, assert_equal, require, type_name

#: The lecture's network: contexts of 3 characters of 27, embedded in 10 numbers each, hidden layers of 100.
VOCABULARY, EMBEDDING, CONTEXT, HIDDEN = 27, 10, 3, 100
LECTURE_PARAMETERS = 47_024


def normal(rng: Generator, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=rng, dtype=torch.float64)


def install(submission: Any, weight: Tensor, bias: Tensor | None) -> Any:
    """Make a Linear of the submission with these numbers."""
    linear = submission.Linear(*weight.shape, bias=bias is not None)
    linear.weight, linear.bias = weight.clone(), None if bias is None else bias.clone()
    return linear


def test_linear_output(submission: Any, rng: Generator) -> None:
    weight = submission.Linear(4, 3).weight
    require(
        isinstance(weight, Tensor) and weight.shape == (4, 3) and weight.dtype == torch.float32,
        "the weight of Linear(4, 3) should be float32 of shape (4, 3)",
        got=weight,
    )
    for fan_in, fan_out in ((4, 3), (2, 5), (1, 1)):
        weight, bias = normal(rng, fan_in, fan_out), normal(rng, fan_out)
        linear = install(submission, weight, bias)
        for leading in ((), (6,), (1,), (2, 7), (3, 1, 2), (0,)):
            x = normal(rng, *leading, fan_in)
            expected = F.linear(x, weight.T, bias)
            shape = tuple(x.shape)
            assert_close(linear(x), expected, what=f"Linear({fan_in}, {fan_out}) of x with shape {shape}")
    for dtype in (torch.float32, torch.float64):
        weight, bias, x = (normal(rng, *shape).to(dtype) for shape in ((4, 3), (3,), (5, 4)))
        expected = x.double() @ weight.double() + bias.double()
        # float32 to 1e-5: sums of four products of numbers of about 1.
        output = install(submission, weight, bias)(x)
        assert_close(output, expected, dtype=dtype, rtol=1e-5, atol=1e-5, what=f"Linear(4, 3) in {dtype}")


def test_linear_bias(submission: Any, rng: Generator) -> None:
    linear = submission.Linear(4, 3)
    assert_equal(linear.bias, torch.zeros(3), what="the bias of Linear(4, 3)")
    weight, bias, x = normal(rng, 4, 3), normal(rng, 3), normal(rng, 5, 4)
    what = "parameters() of a Linear with bias"
    assert_equal(install(submission, weight, bias).parameters(), [weight, bias], what=what)
    plain = submission.Linear(4, 3, bias=False)
    assert_equal(plain.bias, None, what="the bias of Linear(4, 3, bias=False)")
    what = "parameters() of Linear(4, 3, bias=False)"
    assert_equal(plain.parameters(), [plain.weight], what=what)
    plain.weight = weight.clone()
    assert_equal(plain.parameters(), [weight], what=what)
    assert_close(plain(x), x @ weight, what="Linear(4, 3, bias=False) of x")


def test_weight_scale(submission: Any, seed: int) -> None:
    for fan_in, fan_out in ((400, 100), (50, 800)):
        made = [
            submission.Linear(fan_in, fan_out, generator=torch.Generator().manual_seed(seed + i)).weight
            for i in (0, 0, 1)
        ]
        what = f"the weight of Linear({fan_in}, {fan_out}) made with an equal generator"
        assert_equal(made[1], made[0], what=what)
        require(
            not torch.equal(made[0], made[2]),
            f"Linear({fan_in}, {fan_out}) has the same weight with generators of different seeds",
        )
        other = submission.Linear(fan_in, fan_out, bias=False).weight
        for weight in (made[0], other):
            standard = weight.double() * math.sqrt(fan_in)
            # 40,000 numbers: their standard deviation is within 0.4 % and their mean within 0.005, two times in three;
            # the shis within one standard deviation is 0.683 for a normal distribution, 0.577 for an even one.
            std, mean = float(standard.std()), float(standard.mean())
            wanted = 1 / math.sqrt(fan_in)
            require(
                abs(std - 1) < 0.03,
                f"the weight of Linear({fan_in}, {fan_out}) has the standard deviation {std * wanted:.4g}, and "
                f"1 / sqrt({fan_in}) = {wanted:.4g} is asked",
            )
            require(
                abs(mean) < 0.03, f"the weight of Linear({fan_in}, {fan_out}) has the mean {mean * wanted:.3g}, not 0"
            )
            inside = float((standard.abs() < 1).double().mean())
            require(
                abs(inside - 0.6827) < 0.02,
                f"{inside:.3f} of the weights lie within one standard deviation; of a normal distribution 0.683 do",
            )


def test_tanh(submission: Any, rng: Generator) -> None:
    tanh = submission.Tanh()
    for shape in ((5,), (2, 3), (2, 1, 4)):
        x = 3 * normal(rng, *shape)
        assert_close(tanh(x), x.tanh(), what=f"Tanh of x with shape {shape}")
    assert_equal(tanh.parameters(), [], what="parameters() of Tanh")


def test_sequential(submission: Any, rng: Generator) -> None:
    x = normal(rng, 5, 4)
    assert_equal(submission.Sequential([])(x), x, what="an empty Sequential of x")
    weights = [normal(rng, n, m) for n, m in pairwise((4, 6, 6, 3))]
    biases = [normal(rng, m) for m in (6, 6, 3)]
    linears = [install(submission, weight, bias) for weight, bias in zip(weights, biases, strict=True)]
    tanh = submission.Tanh()

    def linear(i: int, h: Tensor) -> Tensor:
        return h @ weights[i] + biases[i]

    orders = {
        "[Linear]": ([linears[0]], linear(0, x)),
        "[Linear, Tanh]": ([linears[0], tanh], linear(0, x).tanh()),
        "[Tanh, Linear]": ([tanh, linears[0]], linear(0, x.tanh())),
        "[Linear, Linear, Tanh, Linear]": (
            [linears[0], linears[1], tanh, linears[2]],
            linear(2, linear(1, linear(0, x)).tanh()),
        ),
        "[Linear 0, Linear 1, Linear 1]": ([linears[0], linears[1], linears[1]], linear(1, linear(1, linear(0, x)))),
    }
    for name, (layers, expected) in orders.items():
        assert_close(submission.Sequential(layers)(x), expected, what=f"Sequential({name}) of x")
    inner = submission.Sequential([linears[1], tanh])
    outer = submission.Sequential([linears[0], inner, submission.Sequential([]), linears[2]])
    expected = linear(2, linear(1, linear(0, x)).tanh())
    assert_close(
        outer(x), expected, what="Sequential([Linear, Sequential([Linear, Tanh]), Sequential([]), Linear]) of x"
    )


def test_parameters(submission: Any, rng: Generator) -> None:
    sizes = (EMBEDDING * CONTEXT, *[HIDDEN] * 5, VOCABULARY)
    layers: list[Any] = []
    for fan_in, fan_out in pairwise(sizes):
        layers += [submission.Linear(fan_in, fan_out, bias=False), submission.BatchNorm1d(fan_out), submission.Tanh()]
    found = submission.Sequential(layers[:-1]).parameters()
    assert_equal(
        len(found), 18, what="the number of tensors in the lecture's network, a weight, gamma and beta for each Linear,"
    )
    count = sum(p.numel() for p in found) + VOCABULARY * EMBEDDING
    what = "the number of parameters of the lecture's network, its embedding table included,"
    assert_equal(count, LECTURE_PARAMETERS, what=what)

    first, second, third = (install(submission, normal(rng, n, m), normal(rng, m)) for n, m in ((4, 6), (6, 5), (5, 3)))
    inner = submission.Sequential([second, submission.BatchNorm1d(5), submission.Sequential([third])])
    model = submission.Sequential([first, submission.Tanh(), inner])
    wanted = [
        *(first.weight, first.bias, second.weight, second.bias),
        *(torch.ones(5), torch.zeros(5), third.weight, third.bias),
    ]
    what = "parameters() of Sequential([Linear, Tanh, Sequential([Linear, BatchNorm1d, Sequential([Linear])])])"
    assert_equal(model.parameters(), wanted, what=what)
    assert_equal(submission.Sequential([]).parameters(), [], what="parameters() of an empty Sequential")


def test_train_switch(submission: Any, rng: Generator) -> None:
    norms = [submission.BatchNorm1d(3) for _ in range(3)]
    inner = submission.Sequential([norms[1], submission.Sequential([submission.Tanh(), norms[2]])])
    model = submission.Sequential([submission.Linear(3, 3), norms[0], submission.Tanh(), inner])
    places = ("in the Sequential", "in a Sequential inside", "in a Sequential inside that")
    for arguments in ((False,), (False,), (True,), (False,), ()):
        model.train(*arguments)
        call = f"train({', '.join(map(str, arguments))})"
        for norm, place in zip(norms, places, strict=True):
            mode = arguments[0] if arguments else True
            assert_equal(norm.training, mode, what=f"training of a BatchNorm1d {place} after {call}")
    # In evaluation the rows of a batch know nothing of each other.
    model.train(False)
    x = normal(rng, 6, 3).float()
    # Equal up to the order of sums in float32.
    assert_close(model(x)[:1], model(x[:1]), rtol=1e-6, atol=1e-6, what="the first row of a batch in evaluation mode")
    inner.train(True)
    modes = [norm.training for norm in norms]
    assert_equal(modes, [False, True, True], what="the flags after train(True) of the inner Sequential alone")
    submission.Sequential([]).train(False)


def test_input_unchanged(submission: Any, rng: Generator) -> None:
    linear = install(submission, normal(rng, 3, 3), normal(rng, 3))
    plain = install(submission, normal(rng, 3, 3), None)
    layers = [
        linear,
        plain,
        submission.Tanh(),
        submission.Sequential([linear, submission.Tanh()]),
        submission.Sequential([]),
    ]
    for layer in layers:
        for shape in ((5, 3), (3,)):
            x = normal(rng, *shape)
            call = submission.call(layer, x)
            assert_equal(call.args[0], x, what=f"x of shape {shape} after a call of {type_name(layer)}")
            assert_equal(submission.call(layer, x).value, call.value, what=f"a second {type_name(layer)} of the same x")


def test_training(submission: Any, rng: Generator) -> None:
    # Biases of one size in three layers, so that a bias that two layers share shows.
    shapes = ((4, 5), (5, 5), (5, 5), (5, 3))
    weights = [normal(rng, n, m) / n**0.5 for n, m in shapes]
    biases: list[Tensor | None] = [torch.zeros(5), torch.zeros(5), torch.zeros(5), None]
    linears = [submission.Linear(n, m, bias=bias is not None) for (n, m), bias in zip(shapes, biases, strict=True)]
    for linear, weight in zip(linears, weights, strict=True):
        linear.weight = weight.clone()
    model = submission.Sequential(
        [linears[0], submission.Tanh(), submission.Sequential([linears[1], submission.Tanh()]), linears[2], linears[3]]
    )
    X, Y = normal(rng, 16, 4), torch.randint(0, 3, (16,), generator=rng)
    leaves = [t.clone().double() for pair in zip(weights, biases, strict=True) for t in pair if t is not None]
    for step in range(4):
        for leaf in leaves:
            leaf.requires_grad_()
        h = torch.tanh(X @ leaves[0] + leaves[1])
        h = torch.tanh(h @ leaves[2] + leaves[3])
        loss = F.cross_entropy((h @ leaves[4] + leaves[5]) @ leaves[6], Y)
        gradients = torch.autograd.grad(loss, leaves)
        leaves = [(leaf - 0.5 * g).detach() for leaf, g in zip(leaves, gradients, strict=True)]
        found = submission.train_step(model, X, Y, 0.5)
        # The biases are float32, so they, and the loss after the first step, are right to 1e-7 of numbers of about 1.
        assert_close(found, loss.item(), rtol=1e-5, atol=1e-5, what=f"the loss of train_step after {step} steps")
    wanted = iter(leaves)
    for i, linear in enumerate(linears):
        for name in ("weight", "bias") if biases[i] is not None else ("weight",):
            what = f"the {name} of Linear {i} after four steps"
            expected = next(wanted)
            dtype = torch.float64 if name == "weight" else torch.float32
            assert_close(getattr(linear, name), expected, dtype=dtype, rtol=1e-4, atol=1e-5, what=what)
