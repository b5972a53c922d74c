"""Hidden checks of e02_batchnorm_fold: references in float64, computed from copies before each call."""

from itertools import pairwise
from typing import Any, NamedTuple

import torch
from torch import Generator, Tensor

from grader.testing import CheckFailure, assert_close, assert_equal, require, type_name

#: (fan_in, fan_out, batch): all different, so that no axis can stand in for another.
SHAPES = ((3, 5, 7), (6, 2, 4), (1, 4, 3), (5, 1, 2))


class Case(NamedTuple):
    """The arguments of fold_linear_bn."""

    W: Tensor
    b: Tensor | None
    gamma: Tensor
    beta: Tensor
    running_mean: Tensor
    running_var: Tensor
    eps: float

    def eval_mode(self, x: Tensor) -> Tensor:
        """Apply Linear, then BatchNorm in evaluation mode, as the definitions say: (B, fan_out)."""
        y = x @ self.W + (0 if self.b is None else self.b)
        return self.gamma * (y - self.running_mean) / torch.sqrt(self.running_var + self.eps) + self.beta


def make_case(fan_in: int, fan_out: int, rng: Generator, dtype: torch.dtype = torch.float64) -> Case:
    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=rng, dtype=torch.float64)

    variance = 0.2 + torch.rand(fan_out, generator=rng, dtype=torch.float64) * 3
    tensors = (normal(fan_in, fan_out), normal(fan_out), normal(fan_out), normal(fan_out), normal(fan_out), variance)
    return Case(*(t.to(dtype) for t in tensors), eps=1e-3)


def test_neutral_batchnorm(submission: Any, rng: Generator) -> None:
    for fan_in, fan_out, _ in SHAPES:
        case = make_case(fan_in, fan_out, rng)
        eps = 0.25  # large, so that a forgotten eps is not lost in rounding
        ones, zeros = torch.ones(fan_out, dtype=torch.float64), torch.zeros(fan_out, dtype=torch.float64)
        W2, b2 = submission.fold_linear_bn(case.W, case.b, ones, zeros, zeros, ones - eps, eps)
        assert_close(W2, case.W, what="W2 (with mean 0, var 1 - eps, gamma 1, beta 0)")
        assert_close(b2, case.b, what="b2 (with mean 0, var 1 - eps, gamma 1, beta 0)")


def test_columns_are_scaled(submission: Any, rng: Generator) -> None:
    for fan_in, fan_out, _ in SHAPES:
        case = make_case(fan_in, fan_out, rng)
        scale = case.gamma / torch.sqrt(case.running_var + case.eps)
        W2, b2 = submission.fold_linear_bn(*case)
        assert_close(W2, case.W * scale, what="W2")
        require(b2.shape == (fan_out,), f"b2 has shape {tuple(b2.shape)} instead of {(fan_out,)}, one bias per output")


def test_matches_eval_mode(submission: Any, rng: Generator) -> None:
    # float64 to 1e-10 and float32 to 1e-5, relative to outputs of size about 1: some ten roundings.
    for dtype, tolerance in ((torch.float64, 1e-10), (torch.float32, 1e-5)):
        for fan_in, fan_out, batch in SHAPES:
            case = make_case(fan_in, fan_out, rng, dtype)
            x = torch.randn(batch, fan_in, generator=rng, dtype=torch.float64)
            exact = Case(*(t.double() for t in case[:-1]), eps=case.eps)  # type: ignore[union-attr]
            expected = exact.eval_mode(x)
            W2, b2 = submission.fold_linear_bn(*case)
            assert_equal(W2.dtype, dtype, what="the dtype of W2")
            assert_equal(b2.dtype, dtype, what="the dtype of b2")
            size = float(expected.abs().max())
            answer = x @ W2.double() + b2.double()
            assert_close(answer, expected, rtol=tolerance, atol=tolerance * size, what="x @ W2 + b2")


def test_hard_cases(submission: Any, rng: Generator) -> None:
    for fan_in, fan_out, batch in SHAPES:
        plain = make_case(fan_in, fan_out, rng)._replace(eps=1e-5)
        cases = {
            "without a bias": plain._replace(b=None),
            "with negative gamma": plain._replace(gamma=-plain.gamma.abs()),
            "with running_var 1e-6": plain._replace(running_var=torch.full_like(plain.running_var, 1e-6)),
            "with running_var 0": plain._replace(running_var=torch.zeros_like(plain.running_var)),
            "with gamma 0": plain._replace(gamma=torch.zeros_like(plain.gamma)),
        }
        x = torch.randn(batch, fan_in, generator=rng, dtype=torch.float64)
        for name, case in cases.items():
            expected = case.eval_mode(x)
            W2, b2 = submission.fold_linear_bn(*case)
            # A variance near 0 multiplies the rounding errors of the two terms by hundreds before they cancel.
            assert_close(x @ W2 + b2, expected, rtol=1e-9, atol=1e-9, what=f"x @ W2 + b2 {name}")
        # A variance of the size of eps shows what eps is where none is given: that of BatchNorm1d, 1e-5.
        case = cases["with running_var 1e-6"]
        W2, b2 = submission.fold_linear_bn(*case[:-1])
        assert_close(x @ W2 + b2, case.eval_mode(x), rtol=1e-9, atol=1e-9, what="x @ W2 + b2 without a given eps")


def test_arguments_untouched(submission: Any, rng: Generator) -> None:
    names = Case._fields
    for bias in (True, False):
        case = make_case(4, 3, rng)
        case = case if bias else case._replace(b=None)
        after = submission.call("fold_linear_bn", *case).args
        for name, before, now in zip(names[:-1], case, after, strict=False):
            if isinstance(before, Tensor):
                assert_close(now, before, rtol=0.0, atol=0.0, what=f"`{name}` after the call")


def make_layers(submission: Any, sizes: tuple[int, ...], rng: Generator) -> tuple[list[Any], list[Case]]:
    """Build [Linear, BatchNorm1d, Tanh] * n in the submission, and the same numbers here."""
    layers, cases = [], []
    for fan_in, fan_out in pairwise(sizes):
        case = make_case(fan_in, fan_out, rng)
        layers += install(submission, case)
        cases.append(case)
    return layers, cases


def install(submission: Any, case: Case) -> list[Any]:
    fan_in, fan_out = case.W.shape
    linear, norm = submission.Linear(fan_in, fan_out, bias=case.b is not None), submission.BatchNorm1d(fan_out)
    linear.weight, linear.bias = case.W, case.b
    norm.gamma, norm.beta, norm.eps, norm.training = case.gamma, case.beta, case.eps, False
    norm.running_mean, norm.running_var = case.running_mean, case.running_var
    return [linear, norm, submission.Tanh()]


def fold(submission: Any, layers: list[Any]) -> list[Any]:
    """Call fold_mlp and insist on Linear and Tanh layers in the right order, and on a list left as it was."""
    call = submission.call("fold_mlp", layers)
    folded, given = call.value, [type_name(layer) for layer in layers]
    kinds = [type_name(layer) for layer in folded]
    expected = [kind for kind in given if kind != "BatchNorm1d"]
    if "BatchNorm1d" in kinds:
        raise CheckFailure("a BatchNorm1d is still there after folding", got=str(kinds), expected=str(expected))
    require(kinds == expected, "fold_mlp returns other layers than asked", got=kinds, expected=expected)
    now = [type_name(layer) for layer in call.args[0]]
    require(now == given, "the list that was given has changed: fold_mlp returns a new one", got=now, expected=given)
    return list(folded)


def run_folded(folded: list[Any], x: Tensor) -> Tensor:
    """Apply the folded layers here, from their numbers alone: (B, fan_in) -> (B, fan_out)."""
    for layer in folded:
        if type_name(layer) == "Linear":
            bias = layer.bias
            x = x @ layer.weight + (0 if bias is None else bias)
        else:
            x = torch.tanh(x)
    return x


def run_unfolded(cases: list[Case], x: Tensor) -> Tensor:
    for case in cases:
        x = torch.tanh(case.eval_mode(x))
    return x


def test_mlp_without_batchnorm(submission: Any, rng: Generator) -> None:
    layers, cases = make_layers(submission, (4, 6, 5, 3), rng)
    folded = fold(submission, layers)
    x = torch.randn(7, 4, generator=rng, dtype=torch.float64)
    for i, case in enumerate(cases):
        linear, norm = layers[3 * i], layers[3 * i + 1]
        for name, now, before in (
            ("weight", linear.weight, case.W),
            ("bias", linear.bias, case.b),
            ("gamma", norm.gamma, case.gamma),
            ("running_var", norm.running_var, case.running_var),
        ):
            assert_close(now, before, rtol=0.0, atol=0.0, what=f"`{name}` of the old group {i} after fold_mlp")
    assert_close(run_folded(folded, x), run_unfolded(cases, x), what="the output of the folded network")

    plain = submission.Linear(3, 2)
    plain.weight, plain.bias = torch.ones(3, 2, dtype=torch.float64), None
    folded = fold(submission, [*layers, plain])
    assert_close(folded[-1].weight, torch.ones(3, 2, dtype=torch.float64), what="a Linear with no BatchNorm after it")


def train_mlp(cases: list[Case], x: Tensor, y: Tensor) -> list[Case]:
    """Train with the statistics of the batch, collecting running ones: a real network to fold."""
    leaves = [t.clone().requires_grad_() for case in cases for t in (case.W, case.b, case.gamma, case.beta)]  # type: ignore[union-attr]
    means = [torch.zeros_like(case.running_mean) for case in cases]
    variances = [torch.ones_like(case.running_var) for case in cases]
    for _ in range(60):
        h = x
        for i, case in enumerate(cases):
            W, b, gamma, beta = leaves[4 * i : 4 * i + 4]
            h = h @ W + b
            mean, var = h.mean(0), h.var(0, correction=0)
            means[i] = 0.9 * means[i] + 0.1 * mean.detach()
            variances[i] = 0.9 * variances[i] + 0.1 * h.var(0).detach()
            h = torch.tanh(gamma * (h - mean) / torch.sqrt(var + case.eps) + beta)
        loss = (h - y).square().mean()
        for leaf, gradient in zip(leaves, torch.autograd.grad(loss, leaves), strict=True):
            leaf.data -= 0.3 * gradient
    return [
        Case(*(t.detach() for t in leaves[4 * i : 4 * i + 4]), means[i], variances[i], case.eps)
        for i, case in enumerate(cases)
    ]


def test_mlp_keeps_dev_loss(submission: Any, rng: Generator) -> None:
    x = torch.randn(96, 4, generator=rng, dtype=torch.float64)
    y = torch.stack((torch.sin(2 * x[:, 0]), (x[:, 1] * x[:, 2]).tanh(), x.sum(1).tanh()), dim=1)
    sizes = (4, 10, 8, 3)
    fresh = [make_case(n, m, rng) for n, m in pairwise(sizes)]
    trained = train_mlp(fresh, x[:64], y[:64])
    layers = [layer for case in trained for layer in install(submission, case)]
    for layer in layers:  # a look at a batch, as in real life: it must leave no mark on the fold
        if type_name(layer) == "BatchNorm1d":
            width = layer.gamma.shape[0]
            layer(torch.randn(5, width, generator=rng, dtype=torch.float64))
    dev_x, dev_y = x[64:], y[64:]
    before = float((run_unfolded(trained, dev_x) - dev_y).square().mean())
    after = float((run_folded(fold(submission, layers), dev_x) - dev_y).square().mean())
    # Losses of about 0.1: 1e-6 is far above rounding and far below what any mistake costs.
    assert_close(after, before, rtol=0.0, atol=1e-6, what="the dev loss after folding")


def test_batch_plays_no_part(submission: Any, rng: Generator) -> None:
    layers, cases = make_layers(submission, (4, 6, 3), rng)
    x = torch.randn(7, 4, generator=rng, dtype=torch.float64)
    expected = run_unfolded(cases, x)
    for scale in (0.1, 1.0, 30.0):
        for training in (False, True):
            for i, case in enumerate(cases):
                norm = layers[3 * i + 1]
                norm(scale * torch.randn(5, case.W.shape[1], generator=rng, dtype=torch.float64))
                norm.training = training  # a flag alone must not change what is folded, nor be changed by it
            folded = fold(submission, layers)
            assert_close(run_folded(folded, x), expected, what=f"the folded network after a batch of size {scale:g}")
            for i, case in enumerate(cases):
                layers[3 * i + 1].training = False
                now = layers[3 * i + 1].running_mean
                assert_close(now, case.running_mean, rtol=0.0, atol=0.0, what="running_mean after fold_mlp")
