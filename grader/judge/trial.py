"""One declared call on one set of inputs: what the submission and the reference make of it."""

import time
from collections.abc import Callable, Mapping
from functools import cached_property
from types import ModuleType
from typing import Any, NamedTuple

import torch
from torch import Generator, Tensor

from grader.expressions import ParsedCall, evaluate
from grader.judge.handle import Handle
from grader.judge.outcomes import CheckBroken
from grader.judge.submission import Call as Answer
from grader.judge.submission import Submission
from grader.testing import CheckFailure
from grader.text.wording import describe, name_kind
from grader.worker.nested import find_tensors, map_tensors
from grader.worker.observe import Observer

_DOUBLE = {torch.complex64: torch.complex128}


class Step(NamedTuple):
    """One call of the chain, its arguments worked out."""

    method: str | None
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


class Answers(NamedTuple):
    """What the submission made of a chain of calls: the answer to each, and what each was given."""

    steps: tuple[Step, ...]
    answers: tuple[Answer, ...]

    @property
    def value(self) -> Any:
        """What came back in the end."""
        return self.answers[-1].value

    @property
    def ops(self) -> tuple[str, ...]:
        """The operators that ran, without torch's prefix."""
        return tuple(name.removeprefix("aten.") for answer in self.answers for name in answer.ops or ())


class Trial:
    """One call with one set of inputs; both sides are asked once, and only if something depends on it."""

    def __init__(
        self,
        submission: Submission,
        reference: ModuleType,
        call: ParsedCall,
        inputs: Mapping[str, Any],
        functions: Mapping[str, Callable[..., Any]],
        generator: Generator,
        *,
        place: str,
        want: tuple[str, ...],
    ) -> None:
        """Prepare the call.

        Args:
            submission, reference: Who is asked.
            call: What is called, with which arguments.
            inputs: The variables of the check.
            functions: Those of expressions, which draw from `generator`.
            generator: As it is now; arguments that are drawn are the same each time they are.
            place: Which case this is, for messages: " for x = empty(0, 3)".
            want: What the call is to be watched for.
        """
        self.inputs = dict(inputs)
        self.functions = functions
        self.place = place
        self.title = ".".join([call.target, *(step.method for step in call.then if step.method)])
        self._submission = submission
        self._reference = reference
        self._call = call
        self._generator = generator
        self._state = generator.get_state()
        self._want = want

    @cached_property
    def answers(self) -> Answers:
        """What the submission makes of the inputs.

        Raises:
            LearnerRaised: If it raises.
        """
        return self.ask(self.inputs, want=self._want)

    @cached_property
    def right(self) -> Any:
        """What the reference makes of copies of the inputs, in float64."""
        return self.ask_reference(tuple(_widen(step) for step in self.work_out(self.inputs)))

    @cached_property
    def coarsest(self) -> torch.dtype:
        """The floating point dtype of least precision among the inputs; float64 if there is none."""
        found = [t.dtype for t in find_tensors(list(self.inputs.values())) if t.is_floating_point()]
        return max(found, key=lambda dtype: torch.finfo(dtype).eps, default=torch.float64)

    def work_out(self, scope: Mapping[str, Any]) -> tuple[Step, ...]:
        """Work out the arguments of every call of the chain."""
        self._generator.set_state(self._state)
        steps = (None, self._call.args, self._call.kwargs), *self._call.then
        return tuple(
            Step(
                method,
                tuple(evaluate(arg, scope, self.functions) for arg in args),
                {name: evaluate(arg, scope, self.functions) for name, arg in kwargs.items()},
            )
            for method, args, kwargs in steps
        )

    def ask(
        self,
        scope: Mapping[str, Any],
        *,
        want: tuple[str, ...] = (),
        last_want: tuple[str, ...] = (),
        weights: Any = None,
    ) -> Answers:
        """Call the submission.

        Args:
            scope: The inputs to use.
            want: What each call of the chain is watched for.
            last_want, weights: What the last is watched for besides, and the cotangent of its gradients.

        Raises:
            LearnerRaised: If it raises.
            CheckFailure: If what comes back on the way cannot be called.
        """
        steps = self.work_out(scope)
        answers: list[Answer] = []
        for number, step in enumerate(steps):
            target = self._find_target(step, answers[-1].value) if answers else self._call.target
            last = number == len(steps) - 1
            answers.append(
                self._submission.call(
                    target,
                    *step.args,
                    kwargs=step.kwargs,
                    want=(*want, *(last_want if last else ())),
                    cotangent=weights if last else None,
                )
            )
        return Answers(steps, tuple(answers))

    def _find_target(self, step: Step, value: Any) -> Handle:
        if type(value) is Handle:
            found = getattr(value, step.method) if step.method else value
            if type(found) is Handle and found.handle_is_callable():
                return found
        wanted = f"have a method `{step.method}`" if step.method else "be callable"
        raise CheckFailure(
            f"what `{self._call.target}` returns should {wanted}, but it is {name_kind(value)}", got=describe(value)
        )

    def ask_reference(self, steps: tuple[Step, ...]) -> Any:
        """Call the reference here.

        Raises:
            CheckBroken: If it raises.
        """
        try:
            value: Any = getattr(self._reference, self._call.target)
            for number, step in enumerate(steps):
                function = getattr(value, step.method) if number and step.method else value
                value = function(*step.args, **step.kwargs)
            return value
        except Exception as error:
            text = f"the reference raised {type(error).__name__}: {error}"
            raise CheckBroken(f"`{self.title}`{self.place}: {text}") from error

    def measure_reference(self, want: tuple[str, ...]) -> dict[str, Any]:
        """Watch the reference on copies of the inputs as they are; see `grader.worker.observe`."""
        steps = tuple(_copy(step) for step in self.work_out(self.inputs))
        with Observer(want) as seen:
            self.ask_reference(steps)
        return seen.report()

    def time_reference_s(self) -> float:
        """Return the processor time of one call of the reference."""
        steps = tuple(_copy(step) for step in self.work_out(self.inputs))
        started_s = time.process_time()
        self.ask_reference(steps)
        return time.process_time() - started_s


def widen(value: Any) -> Any:
    """Copy a value with every floating point tensor in it in float64."""
    return map_tensors(value, _to_double)


def _to_double(t: Tensor) -> Tensor:
    wide = torch.float64 if t.is_floating_point() else _DOUBLE.get(t.dtype, t.dtype)
    return t.detach().to(wide, copy=True).requires_grad_(t.requires_grad)


def _widen(step: Step) -> Step:
    return Step(step.method, widen(step.args), widen(step.kwargs))


def _copy(step: Step) -> Step:
    def copy(t: Tensor) -> Tensor:
        return t.detach().clone().requires_grad_(t.requires_grad)

    return Step(step.method, map_tensors(step.args, copy), map_tensors(step.kwargs, copy))
