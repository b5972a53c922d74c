"""Find the mutant that answers a failed check's calls as the learner did: its sentence is the likely cause."""

import cmath
import re
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
import torch
from torch import Tensor

from grader.judge.handle import Handle
from grader.judge.session import Session
from grader.testing import CheckFailure

#: Replies computed by the same formula in another order of operations differ by no more than this.
AGREE_RTOL = 1e-6
#: A cause is a service, not the verdict: after so long in one grade the messages go out without it.
MAX_REPLAY_S = 4.0
#: Larger answers of a mutant are not kept for the next submission.
MAX_REMEMBERED_BYTES = 2**20
#: A check whose own calls took longer than this is not replayed against every mutant.
MAX_CHECK_S = 1.0

_NUMBERS = re.compile(r"[-+]?[0-9][0-9.,]*(e[-+]?[0-9]+)?")


class Diverged(BaseException):
    """The mutant answered differently from the learner; nothing a check catches may swallow this."""


class MutantCode(msgspec.Struct, frozen=True):
    """A mutant as the judge holds it: its id, its sentence, the check that names it, its source."""

    id: str
    says: str
    caught_by: str
    source: str


class Recorded(NamedTuple):
    """What one mutant answered in one check, and how the check failed it; None if it did not."""

    replies: tuple[Any, ...]
    failure: tuple[str, str] | None


#: By mutant; None stands for answers too large to be kept.
Memory = dict[str, Recorded | None]


def find_cause(
    learner: Sequence[Any],
    mutants: Sequence[MutantCode],
    session: Session,
    take_on: Callable[[MutantCode, Callable[[int, Any], None]], None],
    run_check: Callable[[Session], None],
    *,
    failure: tuple[str, str],
    budget_s: float,
    memory: Memory | None = None,
) -> MutantCode | None:
    """Return the mutant whose replies equal the learner's on this check, and that fails it in the same way, or None.

    Args:
        learner: The learner's replies during the failed check, in order.
        mutants: The mutants of the exercise, the likeliest first.
        session: Where they are run.
        take_on: Has the session judge a mutant; its second argument is told every reply.
        run_check: Runs the check once more, on that session.
        failure: How the learner failed, as `name_failure` says.
        budget_s: No further mutant is tried after this long.
        memory: What the mutants answered in this check, with the same inputs, when others failed it. It is added to:
            where many fail one check, each mutant runs it once. None where there is only one submission: then a mutant
            is left at its first reply that differs.
    """
    deadline_s = time.monotonic() + budget_s
    try:
        for mutant in mutants:
            if time.monotonic() > deadline_s:
                return None
            known = memory.get(mutant.id) if memory is not None else None
            if memory is not None and mutant.id not in memory:
                take_on(mutant, lambda position, reply: None)
                seen = _run(session, run_check)
                small = session.received_bytes <= MAX_REMEMBERED_BYTES
                known = memory[mutant.id] = Recorded(tuple(session.replies), seen) if small else None
            if known is None:
                known = _replay(learner, mutant, session, take_on, run_check)
            if known is not None and known.failure == failure and _all_agree(learner, known.replies):
                return mutant
        return None
    finally:
        session.end_check()


def _replay(
    learner: Sequence[Any],
    mutant: MutantCode,
    session: Session,
    take_on: Callable[[MutantCode, Callable[[int, Any], None]], None],
    run_check: Callable[[Session], None],
) -> Recorded | None:
    """Run a mutant as long as it answers like the learner; None if it does not to the end."""
    seen = 0

    def compare(position: int, reply: Any) -> None:
        nonlocal seen
        if position >= len(learner) or not agree(learner[position], reply):
            raise Diverged
        seen = position + 1

    take_on(mutant, compare)
    try:
        failure = _run(session, run_check)
    except Diverged:
        return None
    return Recorded(tuple(learner), failure) if seen == len(learner) else None


def _run(session: Session, run_check: Callable[[Session], None]) -> tuple[str, str] | None:
    try:
        run_check(session)
    except Exception as error:  # what the check saw besides replies, such as inputs changed, shows here
        return name_failure(error)
    return None


def _all_agree(learner: Sequence[Any], mutant: Sequence[Any]) -> bool:
    return len(learner) == len(mutant) > 0 and all(
        one is other or agree(one, other) for one, other in zip(learner, mutant, strict=True)
    )


def name_failure(error: BaseException) -> tuple[str, str]:
    """Name a failure without its numbers, which differ from run to run where they are times or rounded."""
    headline = error.headline if isinstance(error, CheckFailure) else ""
    return type(error).__name__, _NUMBERS.sub("#", headline)


def agree(a: Any, b: Any, depth: int = 0) -> bool:
    """Tell whether two replies are the same answer, up to rounding."""
    if type(a) is not type(b) or depth > 40:
        return False
    if isinstance(a, Tensor):
        return _tensors_agree(a, b)
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and _tensors_agree(torch.from_numpy(a), torch.from_numpy(b))
    if isinstance(a, float | complex | np.inexact):
        return bool(a == b or (a != a and b != b) or cmath.isclose(a, b, rel_tol=AGREE_RTOL))
    if isinstance(a, Handle):
        return bool(a.learner_type_name() == b.learner_type_name())
    if isinstance(a, dict):
        return bool(a.keys() == b.keys()) and all(agree(v, b[k], depth + 1) for k, v in a.items())
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(agree(x, y, depth + 1) for x, y in zip(a, b, strict=True))
    return bool(a == b)  # plain values of the closed set


def _tensors_agree(a: Tensor, b: Tensor) -> bool:
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    if not (a.is_floating_point() or a.is_complex()):
        return bool(torch.equal(a, b))
    # float32 sums in another order differ by more than float64 ones.
    rtol = AGREE_RTOL if a.dtype in (torch.float64, torch.complex128) else 1e-4
    scale = float(b.detach().abs().nan_to_num(posinf=0.0).max()) if b.numel() else 0.0
    return bool(torch.allclose(a.detach(), b.detach(), rtol=rtol, atol=rtol * scale, equal_nan=True))
