"""Hidden checks of e45_batchnorm_3d: torch's own batch normalisation in float64 is the reference, before each call."""

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from grader.testing import CheckFailure, LearnerRaised, assert_close, assert_equal, require

#: (N, T, dim): never the same size twice in one shape; few vectors, so that n, n - 1, N - 1 and T - 1 differ.
SHAPES = ((4, 3, 5), (2, 5, 3), (6, 2, 1), (1, 4, 2), (5, 1, 3))
FLAT_SHAPES = ((7, 3), (2, 5), (9, 1))
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
        """Apply torch's BatchNorm in training mode to channels-last x, leaving the running statistics alone."""
        return to_last(F.batch_norm(to_first(x), None, None, self.gamma, self.beta, True, 0.0, self.eps))

    def evaluate(self, x: Tensor) -> Tensor:
        """Apply torch's BatchNorm in evaluation mode to channels-last x."""
        mean, var = self.running_mean, self.running_var
        return to_last(F.batch_norm(to_first(x), mean, var, self.gamma, self.beta, False, 0.0, self.eps))

    def after(self, x: Tensor) -> "State":
        """The state after one batch in training mode, as torch has it."""
        mean, var = self.running_mean.clone(), self.running_var.clone()
        F.batch_norm(to_first(x), mean, var, None, None, True, self.momentum, self.eps)
        return self._replace(running_mean=mean, running_var=var)


def to_first(x: Tensor) -> Tensor:
    """Move the channels to where torch wants them: (N, T, dim) to (N, dim, T); (N, dim) stays."""
    return x.transpose(1, 2) if x.dim() == 3 else x


def to_last(x: Tensor) -> Tensor:
    return x.transpose(1, 2) if x.dim() == 3 else x


def normal(rng: Generator, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=rng, dtype=torch.float64)


def draw_batch(rng: Generator, *shape: int) -> Tensor:
    """Draw a batch in float64 whose channels differ in mean and spread, and so do the positions of each."""
    x = normal(rng, *shape) * (0.3 + 2 * normal(rng, shape[-1]).abs()) + 2 * normal(rng, shape[-1])
    return x + 2 * normal(rng, *shape[1:]) if len(shape) == 3 else x


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
        # float32 to 1e-5: some ten roundings of numbers of about 1 to 10.
        tolerance = 1e-9 if dtype == torch.float64 else 1e-5
        wanted = getattr(expected, name)
        assert_close(getattr(layer, name), wanted, dtype=dtype, rtol=tolerance, atol=tolerance, what=f"{name} {when}")


def test_two_dimensions(submission: Any, rng: Generator) -> None:
    for shape in FLAT_SHAPES:
        state = draw_state(rng, shape[-1])
        layer = install(submission, state)
        x = draw_batch(rng, *shape)
        what = f"for x of shape {shape}"
        assert_close(layer(x), state.normalise(x), what=f"the training output {what}")
        state = state.after(x)
        require_buffers(layer, state, f"after a batch of shape {shape}")
        layer.training = False
        assert_close(layer(x[:1]), state.evaluate(x[:1]), what="the evaluation output of a single row")
        require_buffers(layer, state, "after a call in evaluation mode")
    # A fresh float32 layer, and channels so narrow that the eps of the default matters.
    x = (0.003 * draw_batch(rng, 16, 4)).float()
    expected = fresh_state(4)._replace(eps=1e-5).normalise(x.double())
    fresh = submission.BatchNorm1d(4)
    # Subtracting the mean loses up to three digits of float32.
    what = "the training output of a fresh BatchNorm1d(4) for a narrow float32 batch"
    assert_close(fresh(x), expected, dtype=torch.float32, rtol=1e-4, atol=1e-4, what=what)
    require_buffers(fresh, fresh_state(4).after(x.double()), "of a fresh BatchNorm1d(4) after it", torch.float32)


def test_buffers(submission: Any, rng: Generator) -> None:
    for N, T, dim in SHAPES:
        state = draw_state(rng, dim)
        layer = install(submission, state)
        for i in range(3):
            x = draw_batch(rng, N, T, dim)
            state = state.after(x)
            layer(x)
            found = {name: getattr(layer, name) for name in ("running_mean", "running_var")}
            for name, buffer in found.items():
                require(
                    isinstance(buffer, Tensor) and buffer.shape == (dim,),
                    f"{name} should keep {dim} numbers, one per channel, after a batch of shape ({N}, {T}, {dim})",
                    got=buffer,
                )
            require_buffers(layer, state, f"after batch {i + 1} of shape ({N}, {T}, {dim})")
    # Batches of both kinds feed the same buffers.
    state = fresh_state(3)._replace(momentum=0.7)
    layer = install(submission, state)
    for shape in ((4, 5, 3), (6, 3), (2, 7, 3)):
        x = draw_batch(rng, *shape)
        state = state.after(x)
        layer(x)
        require_buffers(layer, state, f"after batches up to one of shape {shape} with momentum 0.7")


def test_matches_torch(submission: Any, rng: Generator) -> None:
    for N, T, dim in SHAPES:
        state = draw_state(rng, dim)
        x = draw_batch(rng, N, T, dim)
        expected = state.normalise(x)
        call = submission.call(install(submission, state), x)
        what = f"the training output for x of shape ({N}, {T}, {dim}), against torch's on the (N, dim, T) transpose,"
        assert_close(call.value, expected, what=what)
        assert_equal(call.args[0], x, what="x after the call")
    x = draw_batch(rng, 4, 3, 5).float()
    expected = fresh_state(5)._replace(eps=1e-5).normalise(x.double())
    # Subtracting the mean loses a digit or two of float32.
    what = "the training output of a fresh float32 layer"
    assert_close(submission.BatchNorm1d(5)(x), expected, dtype=torch.float32, rtol=1e-4, atol=1e-4, what=what)


def test_positions_share(submission: Any, rng: Generator) -> None:
    for N, T, dim in SHAPES:
        state = draw_state(rng, dim)
        x = draw_batch(rng, N, T, dim)
        layer = install(submission, state)
        output = layer(x)
        require(
            isinstance(output, Tensor) and output.shape == x.shape,
            f"the output for x of shape ({N}, {T}, {dim}) should have the same shape",
            got=output,
        )
        # The same vectors as one flat batch, and dealt out anew to the places of all examples.
        flat = install(submission, state)(x.reshape(N * T, dim))
        what = f"the output for ({N}, {T}, {dim}), against that for the same vectors as ({N * T}, {dim}),"
        assert_close(output, flat.reshape(N, T, dim), what=what)
        order = torch.randperm(N * T, generator=rng)
        dealt = layer(x.reshape(N * T, dim)[order].reshape(N, T, dim)).reshape(N * T, dim)
        what = f"the output for the {N * T} vectors of a ({N}, {T}, {dim}) batch in another order"
        assert_close(dealt, output.reshape(N * T, dim)[order], what=what)


def test_eval_after_training(submission: Any, rng: Generator) -> None:
    for N, T, dim in SHAPES:
        state = draw_state(rng, dim)
        layer = install(submission, state)
        for _ in range(2):
            x = draw_batch(rng, N, T, dim)
            state = state.after(x)
            layer(x)
        layer.training = False
        # One example, more positions than were trained on, a flat batch, a single vector.
        for shape in ((1, T, dim), (3, T + 2, dim), (1, 1, dim), (4, dim), (1, dim)):
            x = draw_batch(rng, *shape)
            what = f"the evaluation output for {shape}, after training on batches of shape ({N}, {T}, {dim}),"
            assert_close(layer(x), state.evaluate(x), what=what)
            require_buffers(layer, state, "after calls in evaluation mode")


def test_gradients(submission: Any, rng: Generator) -> None:
    for shape in (*SHAPES, FLAT_SHAPES[0]):
        for training in (True, False):
            state = draw_state(rng, shape[-1])
            x, weights = draw_batch(rng, *shape), normal(rng, *shape)
            leaves = [x.clone(), state.gamma.clone(), state.beta.clone()]
            for leaf in leaves:
                leaf.requires_grad_()
            traced = state._replace(gamma=leaves[1], beta=leaves[2])
            output = traced.normalise(leaves[0]) if training else traced.evaluate(leaves[0])
            expected = torch.autograd.grad(output, leaves, weights)
            layer = install(submission, state, training)
            gradients = submission.take_gradients(layer, x, weights)
            mode = "training" if training else "evaluation"
            for name, gradient, wanted in zip(("x", "gamma", "beta"), gradients, expected, strict=True):
                # Large terms of a gradient of x cancel, so it is good to 1e-9 of their size.
                what = f"the gradient with respect to {name} in {mode} mode, x of shape {shape},"
                assert_close(gradient, wanted, rtol=1e-8, atol=1e-9, what=what)
            for name in ("running_mean", "running_var"):
                require(
                    not getattr(layer, name).requires_grad,
                    f"after a call in {mode} mode with gradients {name} belongs to a graph; a buffer is only collected",
                )


def test_other_dimensions(submission: Any, rng: Generator) -> None:
    for shape in ((3,), (2, 4, 5, 3)):
        for training in (True, False):
            layer = submission.BatchNorm1d(3)
            layer.training = training
            mode = "training" if training else "evaluation"
            what = f"x of shape {shape} in {mode} mode"
            try:
                output = layer(draw_batch(rng, 1, *shape)[0])
            except LearnerRaised as error:
                if "ValueError" not in error.kinds:
                    raise CheckFailure(
                        f"{what} raises {error.kinds[0]} instead of ValueError", got=error.text
                    ) from None
                told = all(str(size) in error.text for size in shape)
                require(told, f"the ValueError for {what} should show that shape", got=error.text)
            else:
                got = f"an output of shape {tuple(output.shape)}" if isinstance(output, Tensor) else None
                raise CheckFailure(f"{what} should raise ValueError, for it is no batch of vectors", got=got)
            require_buffers(layer, fresh_state(3), "after a refused input", torch.float32)
