"""Hidden checks of e34_batchnorm1d: references in float64, computed from copies before each call."""

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from grader.testing import assert_close, assert_equal, require

#: (N, dim): never the same, so that no axis can stand in for the other; N = 2 tells n from n - 1 best.
SHAPES = ((7, 3), (4, 6), (2, 5), (33, 1))
#: Large, so that where it is added shows.
EPS = 0.25


class State(NamedTuple):
    """The tensors of a layer (dim,), and its numbers."""

    gamma: Tensor
    beta: Tensor
    running_mean: Tensor
    running_var: Tensor
    eps: float = EPS
    momentum: float = 0.1

    def normalise(self, x: Tensor) -> Tensor:
        """Apply torch's BatchNorm in training mode, leaving the running statistics alone: (N, dim)."""
        return F.batch_norm(x, None, None, self.gamma, self.beta, True, 0.0, self.eps)

    def evaluate(self, x: Tensor) -> Tensor:
        """Apply torch's BatchNorm in evaluation mode: (N, dim)."""
        return F.batch_norm(x, self.running_mean, self.running_var, self.gamma, self.beta, False, 0.0, self.eps)

    def after(self, x: Tensor) -> "State":
        """The state after one batch in training mode, as torch has it."""
        mean, var = self.running_mean.clone(), self.running_var.clone()
        F.batch_norm(x, mean, var, None, None, True, self.momentum, self.eps)
        return self._replace(running_mean=mean, running_var=var)


def normal(rng: Generator, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=rng, dtype=torch.float64)


def draw_batch(rng: Generator, N: int, dim: int) -> Tensor:
    """Draw a batch (N, dim) in float64 whose features differ in mean and spread."""
    return normal(rng, N, dim) * (0.3 + 2 * normal(rng, dim).abs()) + 2 * normal(rng, dim)


def draw_state(rng: Generator, dim: int) -> State:
    return State(normal(rng, dim), normal(rng, dim), normal(rng, dim), 0.3 + normal(rng, dim).abs())


def fresh_state(dim: int) -> State:
    ones, zeros = torch.ones(dim, dtype=torch.float64), torch.zeros(dim, dtype=torch.float64)
    return State(ones, zeros, zeros, ones)


def install(submission: Any, state: State, training: bool = True) -> Any:
    """Make a layer of the submission with these numbers."""
    layer = submission.BatchNorm1d(len(state.gamma), eps=state.eps, momentum=state.momentum)
    for name in State._fields[:4]:
        setattr(layer, name, getattr(state, name).clone())
    layer.training = training
    return layer


def require_buffers(layer: Any, expected: State, when: str, dtype: torch.dtype = torch.float64) -> None:
    for name in ("running_mean", "running_var"):
        # float32 to 1e-5: some ten roundings of numbers of about 1.
        tolerance = 1e-9 if dtype == torch.float64 else 1e-5
        wanted = getattr(expected, name)
        what = f"{name} {when}"
        assert_close(getattr(layer, name), wanted, dtype=dtype, rtol=tolerance, atol=tolerance, what=what)


def test_training_output(submission: Any, rng: Generator) -> None:
    for N, dim in SHAPES:
        state = draw_state(rng, dim)
        x = draw_batch(rng, N, dim)
        expected = state.normalise(x)
        call = submission.call(install(submission, state), x)
        assert_close(call.value, expected, what=f"the training output for x of shape ({N}, {dim})")
        assert_equal(call.args[0], x, what="x after the call")
    # A fresh float32 layer, and features so narrow that the eps of the default matters.
    x = (0.003 * draw_batch(rng, 16, 4)).float()
    expected = fresh_state(4)._replace(eps=1e-5).normalise(x.double())
    output = submission.BatchNorm1d(4)(x)
    # Subtracting the mean loses up to three digits of float32.
    what = "the training output of a fresh BatchNorm1d(4) for a narrow float32 batch"
    assert_close(output, expected, dtype=torch.float32, rtol=1e-4, atol=1e-4, what=what)


def test_running_buffers(submission: Any, rng: Generator) -> None:
    exact = fresh_state(3)
    fresh = submission.BatchNorm1d(3)
    require_buffers(fresh, exact, "of a fresh layer", torch.float32)
    for i, N in enumerate((5, 2)):
        x = draw_batch(rng, N, 3).float()
        exact = exact.after(x.double())
        fresh(x)
        require_buffers(fresh, exact, f"of a fresh layer after batch {i + 1}", torch.float32)
    for momentum, dim in ((0.1, 4), (0.7, 2), (1.0, 3)):
        state = draw_state(rng, dim)._replace(momentum=momentum)
        layer = install(submission, state)
        for i, N in enumerate((2, 9, 4)):  # a batch of two: the unbiased variance is twice the biased one
            x = draw_batch(rng, N, dim)
            state = state.after(x)
            layer(x)
            require_buffers(layer, state, f"after batch {i + 1} with momentum {momentum:g}")


def test_eval_mode(submission: Any, rng: Generator) -> None:
    for N, dim in (*SHAPES, (1, 4)):
        state = draw_state(rng, dim)
        x = draw_batch(rng, N, dim)
        layer = install(submission, state, training=False)
        expected = state.evaluate(x)
        assert_close(layer(x), expected, what=f"the evaluation output for x of shape ({N}, {dim})")
        # The same first row, with others beside it or none: its output is the same.
        for other in (x[:1], torch.cat([x[:1], 100 * draw_batch(rng, 3, dim)])):
            what = f"the first row's evaluation output in a batch of {len(other)}"
            assert_close(layer(other)[:1], expected[:1], what=what)
        require_buffers(layer, state, "after calls in evaluation mode")
    # The flag may go back and forth.
    state = draw_state(rng, 3)
    layer = install(submission, state)
    for training in (True, False, True, False):
        layer.training = training
        x = draw_batch(rng, 6, 3)
        expected = state.normalise(x) if training else state.evaluate(x)
        state = state.after(x) if training else state
        mode = "training" if training else "evaluation"
        assert_close(layer(x), expected, what=f"the {mode} output of a layer that goes back and forth")
        require_buffers(layer, state, f"after a call in {mode} mode")


def test_constant_column(submission: Any, rng: Generator) -> None:
    for value in (0.0, 2.5, -1.0):
        state = draw_state(rng, 4)._replace(eps=1e-5)
        x = draw_batch(rng, 8, 4)
        x[:, 1] = value  # eight equal numbers: their mean is exact
        expected = state.normalise(x)
        output = install(submission, state)(x)
        column = f"the output of a column that is {value:g} in every row"
        require(output.shape == x.shape, f"the output has shape {tuple(output.shape)} instead of {tuple(x.shape)}")
        assert_close(output[:, 1], state.beta[1].expand(8), what=f"{column} (beta is {state.beta[1]:.4g})")
        assert_close(output, expected, what="the output of a batch with a constant column")


def test_gradients(submission: Any, rng: Generator) -> None:
    for N, dim in SHAPES:
        for training in (True, False):
            state = draw_state(rng, dim)
            x, weights = draw_batch(rng, N, dim), normal(rng, N, dim)
            leaves = [x.clone(), state.gamma.clone(), state.beta.clone()]
            for leaf in leaves:
                leaf.requires_grad_()
            traced = state._replace(gamma=leaves[1], beta=leaves[2])
            output = traced.normalise(leaves[0]) if training else traced.evaluate(leaves[0])
            expected = torch.autograd.grad(output, leaves, weights)
            layer = install(submission, state, training)
            gradients = submission.take_gradients(layer, x, weights)
            assert_equal(len(gradients), 3, what="the number of gradients, for x, gamma and beta,")
            mode = "training" if training else "evaluation"
            for name, gradient, wanted in zip(("x", "gamma", "beta"), gradients, expected, strict=True):
                # Large terms of a gradient of x cancel, so it is good to 1e-9 of their size.
                what = f"the gradient with respect to {name} in {mode} mode, x of shape ({N}, {dim}),"
                assert_close(gradient, wanted, rtol=1e-8, atol=1e-9, what=what)
            for name in ("running_mean", "running_var"):
                require(
                    not getattr(layer, name).requires_grad,
                    f"after a call in {mode} mode with gradients {name} belongs to a graph; a buffer is only collected",
                )


def test_parameters(submission: Any, rng: Generator) -> None:
    for dim in (1, 4):
        layer = submission.BatchNorm1d(dim)
        assert_equal(layer.parameters(), [torch.ones(dim), torch.zeros(dim)], what="parameters() of a fresh layer")
        assert_equal(layer.training, True, what="training of a fresh layer")
        state = draw_state(rng, dim)
        layer = install(submission, state)
        layer(draw_batch(rng, 5, dim))
        what = "parameters() after a batch"
        assert_equal(layer.parameters(), [state.gamma, state.beta], what=what)


def test_invariance(submission: Any, rng: Generator) -> None:
    # With eps at 1e-12 the output forgets a feature's mean and scale up to 1e-11.
    for N, dim in ((6, 3), (9, 4)):
        state = draw_state(rng, dim)._replace(eps=1e-12)
        layer = install(submission, state)
        x = draw_batch(rng, N, dim)
        before = layer(x)
        for factor, shift in ((1.0, 40.0), (30.0, 0.0), (0.2, -7.0)):
            factors, shifts = torch.ones(dim), torch.zeros(dim)
            factors[1], shifts[1] = factor, shift
            what = f"the training output after one column became {factor:g} times itself plus {shift:g}"
            assert_close(layer(x * factors + shifts), before, rtol=1e-7, atol=1e-7, what=what)
