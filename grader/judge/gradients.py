"""Hold the gradients of a declared call against autograd of the reference, and that against finite differences."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Generator, Tensor

from grader.judge.outcomes import CheckBroken
from grader.judge.trial import Trial, widen
from grader.testing import CheckFailure, assert_close
from grader.text.wording import describe, write_shape
from grader.worker.nested import find_tensors
from grader.worker.observe import differentiate

#: A gradient is made of more operations than the result.
_LOOSER = 10.0
#: The best step for central differences in float64 is about the third root of its precision.
_STEP = 6e-6
#: Their error: the step squared, and rounding divided by the step, with room for a large third derivative.
_NEAR = 1e-4
_ENTRIES = 3


def assert_gradients(names: Sequence[str], trial: Trial, find_tolerance: Callable[[Tensor], float]) -> None:
    """Fail unless the gradients with respect to some inputs are those of the reference.

    The outputs are weighted with random numbers, the same on both sides, so that no sum of them hides a mistake.

    Raises:
        CheckFailure: With the input's name and the largest deviation.
        CheckBroken: If autograd and finite differences disagree on the reference, or an input has no gradient.
    """
    exact = _make_leaves(names, {name: widen(trial.inputs[name]) for name in names})
    scope = {**widen(trial.inputs), **exact}
    outputs = list(find_tensors(trial.ask_reference(trial.work_out(scope))))
    generator = Generator().manual_seed(0)
    weights = [torch.randn(t.shape, generator=generator, dtype=torch.float64).to(trial.coarsest) for t in outputs]
    expected = _differentiate(outputs, list(exact.values()), weights)
    for name, gradient in zip(names, expected, strict=True):
        _confirm(name, gradient, trial, scope, weights)

    _require_shapes(list(find_tensors(trial.answers.value)), outputs, trial)
    leaves = _make_leaves(names, trial.inputs)
    asked = trial.ask({**trial.inputs, **leaves}, last_want=("grads",), weights=weights)
    found = _collect(asked.steps[-1], asked.answers[-1].grads or [], list(leaves.values()))
    for name, leaf, actual, right in zip(names, leaves.values(), found, expected, strict=True):
        what = f"the gradient of `{name}`{trial.place}"
        if actual is None and bool(right.any()):
            raise CheckFailure(
                f"{what} is missing: the result does not depend on it, or the graph was cut by .detach(), .item(), "
                "torch.no_grad() or a new tensor",
                expected=describe(right),
            )
        close = _LOOSER * find_tolerance(leaf)
        value = torch.zeros_like(leaf) if actual is None else actual
        assert_close(value.detach(), right, rtol=close, atol=close, dtype=leaf.dtype, what=what)


def _make_leaves(names: Sequence[str], inputs: Mapping[str, Any]) -> dict[str, Tensor]:
    leaves = {}
    for name in names:
        value = inputs[name]
        if not isinstance(value, Tensor) or not value.is_floating_point():
            raise CheckBroken(f"`{name}` is not a floating point tensor, so there is no gradient of it")
        leaves[name] = value.detach().clone().requires_grad_()
    return leaves


def _differentiate(outputs: Sequence[Tensor], leaves: Sequence[Tensor], weights: Sequence[Tensor]) -> list[Tensor]:
    """Return one gradient per leaf; zeros where nothing depends on it."""
    pairs = [(out, w.to(out.dtype)) for out, w in zip(outputs, weights, strict=True) if out.requires_grad]
    if not pairs:
        return [torch.zeros_like(leaf) for leaf in leaves]
    made = differentiate([o for o, _ in pairs], leaves, [w for _, w in pairs])
    return [torch.zeros_like(leaf) if g is None else g for leaf, g in zip(leaves, made, strict=True)]


def _collect(step: Any, grads: Sequence[Tensor | None], leaves: Sequence[Tensor]) -> list[Tensor | None]:
    """Carry the gradients of what was sent, an argument each, on to the inputs it was made of."""
    sent = [t for t in find_tensors([step.args, step.kwargs]) if t.requires_grad]
    if len(grads) != len(sent):
        raise CheckFailure(f"the worker sent {len(grads)} gradients for {len(sent)} arguments")
    once = {id(t): (t, g) for t, g in zip(sent, grads, strict=True)}  # given twice, its gradient is the whole one
    pairs = [(t, g) for t, g in once.values() if isinstance(g, Tensor) and g.shape == t.shape]
    if not pairs:
        return [None] * len(leaves)
    weights = [g.to(t.dtype) for t, g in pairs]
    return list(differentiate([t for t, _ in pairs], leaves, weights))


def _require_shapes(answers: Sequence[Tensor], outputs: Sequence[Tensor], trial: Trial) -> None:
    """Fail unless the result can be weighted as the reference's is."""
    got, wanted = ([write_shape(t.shape) for t in tensors] for tensors in (answers, outputs))
    if got != wanted:
        shapes = [" and ".join(shapes) or "no tensor" for shapes in (got, wanted)]
        raise CheckFailure(
            f"the result{trial.place} has the shape {shapes[0]} instead of {shapes[1]}, so its gradient is not looked at"
        )


def _confirm(name: str, gradient: Tensor, trial: Trial, scope: Mapping[str, Any], weights: Sequence[Tensor]) -> None:
    """Hold a gradient of the reference against finite differences, at a few places."""
    value: Tensor = scope[name].detach()
    generator = Generator().manual_seed(1)
    scale = float(gradient.abs().max()) if gradient.numel() else 0.0
    for at in torch.randperm(value.numel(), generator=generator)[:_ENTRIES].tolist():
        step = _STEP * max(1.0, abs(float(value.flatten()[at])))
        sums = []
        for shift in (-step, 0.0, step):
            moved = value.clone().contiguous()
            moved.view(-1)[at] += shift
            sums.append(_weigh(trial.ask_reference(trial.work_out({**scope, name: moved})), weights))
        left, right = (sums[1] - sums[0]) / step, (sums[2] - sums[1]) / step
        near = _NEAR * (1.0 + scale)
        there = float(gradient.flatten()[at])
        # Between the slopes on both sides, where there is a kink; elsewhere the two are the same.
        if not min(left, right) - near <= there <= max(left, right) + near:
            raise CheckBroken(
                f"autograd of the reference says {there:.6g} for element {at} of `{name}`{trial.place}, and finite "
                f"differences say {(left + right) / 2:.6g}"
            )


def _weigh(value: Any, weights: Sequence[Tensor]) -> float:
    with torch.no_grad():
        return sum(
            float((out.double() * w.double()).sum())
            for out, w in zip(find_tensors(value), weights, strict=True)
            if out.is_floating_point()
        )
