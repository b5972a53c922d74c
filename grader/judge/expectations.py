"""What may be expected of a declared call, each kind with a failure that says what was wrong and by how much."""

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from grader.core.corpus import Corpus
from grader.core.expectations import Budget, Expectation
from grader.expressions import ExpressionError, evaluate
from grader.judge.gradients import assert_gradients
from grader.judge.outcomes import CheckBroken
from grader.judge.trial import Trial
from grader.testing import CheckFailure, LearnerRaised, assert_close, assert_equal
from grader.testing.tolerances import EXACT, TOLERANCES
from grader.text.wording import describe, name_dtype, name_kind, write_shape

#: An author's pattern may be slow on a long text, which is the learner's choice.
_MAX_SEARCHED = 2000
#: What a call may use besides any multiple of the reference: what the smallest of tensors and clocks cost.
_FREE_BYTES, _FREE_S = 4096, 0.05
_TIMINGS = 3
_RESULT = "the result"


class Measure(NamedTuple):
    """What a loss is held against: the thresholds of the corpus in use."""

    thresholds: Mapping[str, float]
    corpus: Corpus | None


class Asked(NamedTuple):
    """One expectation of one trial.

    Args:
        expectation: What is expected; one kind of its keys is set.
        tree: Its expression, for a kind that has one.
        trial: The call.
        measure: For a loss.
    """

    expectation: Expectation
    tree: ast.expr | None
    trial: Trial
    measure: Measure

    def work_out(self) -> Any:
        """Work out the expression of the expectation."""
        assert self.tree is not None
        return work_out(self.tree, self.trial)


def work_out(tree: ast.expr, trial: Trial) -> Any:
    """Evaluate an expression over the inputs, the result and the reference.

    Raises:
        CheckFailure: If the result is not of a kind that the expression can be worked out for.
        CheckBroken: If it has nothing to do with the result.
    """
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    scope = dict(trial.inputs)
    if "reference" in names:  # before the call, as a rule
        scope["reference"] = trial.right
    if "result" in names:
        scope["result"] = trial.answers.value
    try:
        return evaluate(tree, scope, trial.functions)
    except ExpressionError as error:
        if "result" in names:
            got = describe(trial.answers.value)
            raise CheckFailure(f"{_RESULT}{trial.place} cannot be checked: {error.message}", got=got) from None
        raise CheckBroken(error.message) from error


def _assert_equals(asked: Asked) -> None:
    expected, trial = asked.work_out(), asked.trial
    what = f"{_RESULT}{trial.place}"
    _assert_agrees(trial.answers.value, expected, what, lambda dtype: _find_tolerance(asked.expectation, dtype), trial)


def _assert_gradient(asked: Asked) -> None:
    names = asked.expectation.gradient
    assert_gradients(names, asked.trial, lambda t: _find_tolerance(asked.expectation, t.dtype))


def _assert_deterministic(asked: Asked) -> None:
    trial = asked.trial
    first, again = trial.answers.value, trial.ask(trial.inputs).value
    _assert_agrees(again, first, f"the result of the same call, made again{trial.place}", lambda dtype: 0.0, trial)


def _assert_on_simulated_cuda(asked: Asked) -> None:
    asked.trial.ask(asked.trial.inputs, want=("simulated_cuda",))


def _find_tolerance(expectation: Expectation, dtype: torch.dtype) -> float:
    return expectation.tolerance.get(name_dtype(dtype), TOLERANCES.get(dtype, EXACT).declared)


def _assert_agrees(
    actual: Any, expected: Any, what: str, find_tolerance: Callable[[torch.dtype], float], trial: Trial
) -> None:
    """Compare element by element, each tensor as closely as its own dtype allows."""
    if isinstance(expected, list | tuple) and type(actual) is type(expected) and len(actual) == len(expected):
        for i, (a, e) in enumerate(zip(actual, expected, strict=True)):
            _assert_agrees(a, e, f"item {i} of {what}", find_tolerance, trial)
    elif isinstance(expected, dict) and type(actual) is dict and actual.keys() == expected.keys():
        for key, e in expected.items():
            _assert_agrees(actual[key], e, f"item {key!r} of {what}", find_tolerance, trial)
    elif isinstance(expected, Tensor):
        floats = isinstance(actual, Tensor) and actual.is_floating_point() and expected.is_floating_point()
        dtype = actual.dtype if floats else expected.dtype
        close = find_tolerance(dtype)
        assert_close(actual, expected, rtol=close, atol=close, dtype=dtype, what=what)
    elif isinstance(expected, float):
        close = find_tolerance(trial.coarsest)  # it was computed from the inputs, whatever it is now
        assert_close(actual, expected, rtol=close, atol=close, what=what)
    else:
        assert_equal(actual, expected, what=what)


def _assert_shape(asked: Asked) -> None:
    trial = asked.trial
    expected, result = asked.work_out(), _require_tensor(trial)
    wanted = (expected,) if isinstance(expected, int) else tuple(expected)
    if tuple(result.shape) != wanted:
        raise CheckFailure(
            f"{_RESULT}{trial.place} has shape {write_shape(result.shape)} instead of {write_shape(wanted)}",
            got=describe(result),
        )


def _assert_dtype(asked: Asked) -> None:
    trial = asked.trial
    expected, result = asked.work_out(), _require_tensor(trial)
    if not isinstance(expected, torch.dtype):
        raise CheckBroken(f"`{asked.expectation.dtype}` gives {name_kind(expected)}, which is not a dtype")
    if result.dtype != expected:
        text = f"{_RESULT}{trial.place} is {name_dtype(result.dtype)} instead of {name_dtype(expected)}"
        raise CheckFailure(text, got=describe(result))


def _require_tensor(trial: Trial) -> Tensor:
    result = trial.answers.value
    if isinstance(result, Tensor):
        return result
    hint = "; does every path of the function end in `return`?" if result is None else ""
    text = f"{_RESULT}{trial.place} should be a tensor, not {name_kind(result)}{hint}"
    raise CheckFailure(text, got=describe(result))


def _assert_holds(asked: Asked) -> None:
    expectation, trial, held = asked.expectation, asked.trial, asked.work_out()
    if isinstance(held, Tensor):
        good = held.bool()
        wrong = int((~good).sum())
        if not wrong:
            return
        index = (~good).nonzero()[0].tolist() if good.dim() else []
        verb = "does" if wrong == 1 else "do"
        share = f": {wrong} of {good.numel()} elements {verb} not, the first at index {index}" if index else ""
    elif held:
        return
    else:
        share = ""
    said = f"{expectation.because.rstrip().rstrip('.')}: " if expectation.because else ""
    text = f"{said}`{' '.join((expectation.holds or '').split())}` does not hold{trial.place}{share}"
    raise CheckFailure(text, got=describe(trial.answers.value))


def _assert_raises(asked: Asked) -> None:
    wanted, pattern, trial = asked.expectation.raises or "", asked.expectation.message, asked.trial
    told = f"{wanted}" + (f" with a message that matches {pattern!r}" if pattern else "")
    try:
        value = trial.answers.value
    except LearnerRaised as error:
        if "NotImplementedError" in error.kinds and wanted != "NotImplementedError":
            raise  # which is a RuntimeError, too: nothing is written yet
        if wanted not in error.kinds:
            text = f"`{trial.title}` should raise {wanted}{trial.place}, not {error.kinds[0]}"
            raise CheckFailure(text, got=str(error), expected=told) from None
        if pattern and not re.search(pattern, error.text[:_MAX_SEARCHED]):
            text = f"`{trial.title}` raises {error.kinds[0]}{trial.place} with another message than asked for"
            raise CheckFailure(text, got=repr(error.text[:_MAX_SEARCHED]), expected=told) from None
        return
    text = f"`{trial.title}` should raise {wanted}{trial.place}, but raised nothing"
    raise CheckFailure(text, got=describe(value), expected=told)


def _assert_unchanged(asked: Asked) -> None:
    trial, answers = asked.trial, asked.trial.answers
    for name in asked.expectation.unchanged:
        given = trial.inputs[name]
        found = False
        for step, answer in zip(answers.steps, answers.answers, strict=True):
            for before, after in _pair_up((step.args, step.kwargs), (answer.args, answer.kwargs)):
                if before is given:
                    found = True
                    assert_equal(after, given, what=f"`{name}` after the call{trial.place}")
        if not found:
            raise CheckBroken(f"`{name}` is not given to `{trial.title}` as it is, so it cannot be seen to change")


def _pair_up(before: Any, after: Any) -> list[tuple[Any, Any]]:
    """Pair what was given with what it is now, containers and all that is in them."""
    pairs = [(before, after)]
    if isinstance(before, list | tuple) and isinstance(after, list | tuple):
        for one, other in zip(before, after, strict=False):
            pairs += _pair_up(one, other)
    elif isinstance(before, dict) and isinstance(after, dict):
        for key in before.keys() & after.keys():
            pairs += _pair_up(before[key], after[key])
    return pairs


def _assert_operators_forbidden(asked: Asked) -> None:
    trial, ran = asked.trial, asked.trial.answers.ops
    for part in asked.expectation.operators_forbidden:
        hit = next((name for name in ran if part in name), None)
        if hit is not None:
            text = (
                f"`{trial.title}` runs torch's operator `{hit.partition('.')[0]}`{trial.place}, which is forbidden here"
            )
            raise CheckFailure(text, got=_count_operators(ran), expected=f"no operator with `{part}` in its name")


def _assert_operators_required(asked: Asked) -> None:
    trial, ran = asked.trial, asked.trial.answers.ops
    for part in asked.expectation.operators_required:
        if not any(part in name for name in ran):
            text = f"`{trial.title}` does not use `{part}`{trial.place}, which this check requires"
            raise CheckFailure(text, got=_count_operators(ran), expected=f"an operator with `{part}` in its name")


def _count_operators(ran: Sequence[str]) -> str:
    counts = Counter(name.partition(".")[0] for name in ran).most_common()
    shown = ", ".join(name if count == 1 else f"{count} x {name}" for name, count in counts[:6])
    more = f" and {len(counts) - 6} more" if len(counts) > 6 else ""
    return f"the operators {shown}{more}" if counts else "no operator of torch"


def _assert_budget(asked: Asked) -> None:
    trial, budget = asked.trial, asked.expectation.at_most
    assert budget is not None
    if budget.operations is not None:
        ran = trial.answers.ops
        usual = len(trial.measure_reference(("ops",))["ops"])
        if len(ran) > budget.operations * usual:
            text = (
                f"`{trial.title}` runs {len(ran)} operators{trial.place}, and {budget.operations * usual:g} are allowed"
            )
            raise CheckFailure(text, got=_count_operators(ran), expected=_of_reference(budget.operations, str(usual)))
    if budget.bytes is not None:
        peak = max((answer.made_bytes or 0 for answer in trial.answers.answers), default=0)
        usual = trial.measure_reference(("bytes",))["made_bytes"]
        allowed = int(budget.bytes * usual) + _FREE_BYTES
        if peak > allowed:
            text = f"`{trial.title}` holds {peak:,} bytes of tensors at once{trial.place}, and {allowed:,} are allowed"
            raise CheckFailure(text, expected=f"{_of_reference(budget.bytes, f'{usual:,}')} and {_FREE_BYTES:,} more")
    if budget.seconds is not None:
        _assert_fast(budget.seconds, trial)


def _assert_fast(factor: float, trial: Trial) -> None:
    """Compare the best of some timings: noise only ever makes things slower."""
    allowed_s = factor * min(trial.time_reference_s() for _ in range(_TIMINGS)) + _FREE_S
    took_s = float("inf")
    for _ in range(_TIMINGS):
        took_s = min(took_s, sum(answer.charged_s for answer in trial.ask(trial.inputs).answers))
        if took_s <= allowed_s:
            return
    text = f"`{trial.title}` takes {took_s:.3g} s{trial.place}, and {allowed_s:.3g} s are allowed"
    usual = f"{(allowed_s - _FREE_S) / factor:.3g} s"
    raise CheckFailure(text, expected=f"{_of_reference(factor, usual)} and {_FREE_S:g} s more")


def _of_reference(factor: float, usual: str) -> str:
    return f"at most {factor:g} times what the reference needs ({usual})"


def _watch_for_budget(budget: Budget) -> tuple[str, ...]:
    ops, memory = budget.operations is not None, budget.bytes is not None
    return (*(("ops",) if ops else ()), *(("bytes",) if memory else ()))


def _assert_loss(asked: Asked) -> None:
    wanted, trial = asked.expectation.loss_under, asked.trial
    assert wanted is not None
    threshold = asked.measure.thresholds[wanted.threshold]
    loss = asked.work_out()
    value = float(loss.item() if isinstance(loss, Tensor) else loss)
    if value < threshold:
        return
    corpus = asked.measure.corpus
    on = f" on the {corpus.name} corpus" if corpus else ""
    floor = f"; no model gets below {corpus.floor_nats:.4f}" if corpus and corpus.floor_nats is not None else ""
    text = f"the loss{trial.place} is {value:.4f} nats{on}, and has to be under {threshold:g}{floor}"
    raise CheckFailure(text, got=describe(trial.answers.value))


class Kind(NamedTuple):
    """How one kind of expectation is judged.

    Args:
        check: Fails unless the expectation holds.
        expression: Returns the expression in the key's value, for a kind that has one.
        watch: Returns what the first call has to be watched for; see `grader.worker.observe`.
    """

    check: Callable[[Asked], None]
    expression: Callable[[Any], str] | None = None
    watch: Callable[[Any], tuple[str, ...]] = lambda value: ()


#: One row a kind; what its key holds, and what it says, is declared in `grader.core.expectations`.
KINDS: Mapping[str, Kind] = {
    "equals": Kind(_assert_equals, expression=str),
    "shape": Kind(_assert_shape, expression=str),
    "dtype": Kind(_assert_dtype, expression=str),
    "holds": Kind(_assert_holds, expression=str),
    "raises": Kind(_assert_raises),
    "gradient": Kind(_assert_gradient),
    "unchanged": Kind(_assert_unchanged),
    "deterministic": Kind(_assert_deterministic),
    "simulated_cuda": Kind(_assert_on_simulated_cuda),
    "operators_forbidden": Kind(_assert_operators_forbidden, watch=lambda parts: ("ops",)),
    "operators_required": Kind(_assert_operators_required, watch=lambda parts: ("ops",)),
    "at_most": Kind(_assert_budget, watch=_watch_for_budget),
    "loss_under": Kind(_assert_loss, expression=lambda loss: str(loss.of)),
}


def assert_expectation(expectation: Expectation, tree: ast.expr | None, trial: Trial, measure: Measure) -> None:
    """Fail unless one expectation holds of one trial.

    Args:
        expectation, tree, trial, measure: See `Asked`.

    Raises:
        CheckFailure: If it does not hold.
        LearnerRaised: If the submission raised where that is not expected.
    """
    for kind, _ in _set_kinds(expectation):
        kind.check(Asked(expectation, tree, trial, measure))


def find_expression(expectation: Expectation) -> str | None:
    """Return the expression of an expectation; None for a kind that has none."""
    return next((kind.expression(value) for kind, value in _set_kinds(expectation) if kind.expression), None)


def find_watched(expectations: Iterable[Expectation]) -> tuple[str, ...]:
    """Return what the first call of each trial has to be watched for."""
    watched = [kind.watch(value) for one in expectations for kind, value in _set_kinds(one)]
    return tuple(dict.fromkeys(what for each in watched for what in each))


def _set_kinds(expectation: Expectation) -> Iterator[tuple[Kind, Any]]:
    """Yield the kind that is set, and the value of its key."""
    for name, kind in KINDS.items():
        if value := getattr(expectation, name):
            yield kind, value
