"""Hidden checks of e16_autograd_function_tanh: references in float64, from the formula of the derivative."""

from typing import Any

import torch
from torch import Generator, Tensor

from grader.testing import assert_close, assert_equal, require

SHAPES = ((), (5,), (3, 4), (2, 1, 3), (0, 2))


def draw_inputs(rng: Generator) -> list[tuple[str, Tensor]]:
    """Inputs of about 1, named for the messages: every shape, both dtypes, and layouts that are not contiguous."""
    found = []
    for shape in SHAPES:
        x = torch.randn(shape, generator=rng, dtype=torch.float64)
        found += [(f"a float64 x of shape {shape}", x), (f"a float32 x of shape {shape}", x.float())]
    x = torch.randn(4, 6, generator=rng, dtype=torch.float64)
    return [*found, ("a transposed x", x.T), ("every second column of x", x[:, ::2])]


def tolerance(dtype: torch.dtype) -> dict[str, float]:
    # A handful of roundings of numbers of size 1: 1e-12 in float64, 2e-6 in float32.
    return dict.fromkeys(("rtol", "atol"), 1e-12 if dtype is torch.float64 else 2e-6)


def slope(x: Tensor) -> Tensor:
    """The derivative of tanh, in float64: 1 / cosh²."""
    return 1 / torch.cosh(x.double()) ** 2


def test_forward_values(submission: Any, rng: Generator) -> None:
    for name, x in draw_inputs(rng):
        call = submission.call("my_tanh", x)
        what = f"MyTanh.apply for {name}"
        assert_close(call.value, torch.tanh(x.double()), dtype=x.dtype, **tolerance(x.dtype), what=what)
        assert_equal(call.args[0], x, what="x after the call")


def gradient_of(submission: Any, x: Tensor, cotangent: Tensor) -> Tensor:
    call = submission.call("my_tanh", x.detach().requires_grad_(), want=("grads",), cotangent=cotangent)
    (gradient,) = call.grads
    require(gradient is not None, "no gradient reaches x: the output does not come out of MyTanh.apply")
    return gradient


def test_derivative(submission: Any, rng: Generator) -> None:
    for name, x in draw_inputs(rng):
        gradient = gradient_of(submission, x, torch.ones_like(x))
        what = f"the derivative for {name}"
        assert_close(gradient, slope(x), dtype=x.dtype, **tolerance(x.dtype), what=what)


def test_chain_rule(submission: Any, rng: Generator) -> None:
    for name, x in draw_inputs(rng):
        for scale in (1.0, -30.0):
            arriving = scale * torch.randn(x.shape, generator=rng, dtype=torch.float64).to(x.dtype)
            gradient = gradient_of(submission, x, arriving)
            right = arriving.double() * slope(x)
            # Relative to what arrives: 30 times the roundings of numbers of size 1.
            allowed = {"rtol": tolerance(x.dtype)["rtol"], "atol": abs(scale) * tolerance(x.dtype)["atol"]}
            what = f"the gradient for {name}, where a random one arrives,"
            assert_close(gradient, right, dtype=x.dtype, **allowed, what=what)


def test_far_out(submission: Any) -> None:
    for dtype in (torch.float64, torch.float32):
        x = torch.tensor([1e4, -1e4, 400.0, -400.0, 50.0], dtype=dtype)
        call = submission.call("my_tanh", x.requires_grad_(), want=("grads",), cotangent=torch.ones_like(x))
        assert_close(call.value, torch.sign(x.detach()), rtol=0.0, atol=0.0, what="the output far out")
        assert_close(call.grads[0], torch.zeros(5, dtype=dtype), rtol=0.0, atol=0.0, what="the gradient far out")


def test_lecture_neuron(submission: Any, rng: Generator) -> None:
    lecture = ([2.0, 0.0], [-3.0, 1.0], 6.8813735870195432)
    cases = [tuple(torch.tensor(part, dtype=torch.float64) for part in lecture)]
    for n in (1, 4, 7):
        cases.append(tuple(torch.randn(shape, generator=rng, dtype=torch.float64) for shape in ((n,), (n,), ())))
    for number, (x, w, b) in enumerate(cases):
        of = "of the neuron of the lecture" if number == 0 else f"of a neuron with {len(x)} inputs"
        n = (x * w).sum() + b
        call = submission.call("neuron", *(t.clone().requires_grad_() for t in (x, w, b)), want=("grads",))
        assert_close(call.value, torch.tanh(n), what=f"the output {of}")
        after = submission.call("neuron", x.clone(), w.clone(), b.clone()).args
        for name, now, before in zip("xwb", after, (x, w, b), strict=True):
            assert_equal(now, before, what=f"{name} after the call")
        for name, gradient, right in zip("xwb", call.grads, (slope(n) * w, slope(n) * x, slope(n)), strict=True):
            require(gradient is not None, f"no gradient reaches {name} {of}")
            assert_close(gradient, right, what=f"the gradient by {name} {of}")


def test_twice(submission: Any, rng: Generator) -> None:
    for shape in ((4,), (2, 3)):
        x, arriving, v = (torch.randn(shape, generator=rng, dtype=torch.float64) for _ in range(3))
        by_x, by_arriving = submission.differentiate_twice(x, arriving, v)
        # d/dx of g (1 - tanh²) is -2 g tanh (1 - tanh²).
        right = -2 * arriving * v * torch.tanh(x) * slope(x)
        assert_close(by_x, right, what="the derivative of backward by x")
        assert_close(by_arriving, v * slope(x), what="the derivative of backward by the gradient that arrives")
