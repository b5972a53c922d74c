"""Name the likely mistake behind a failed check, by the mutants of its exercise."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from grader.core.models import Check
from grader.judge.replay import MAX_CHECK_S, MAX_REPLAY_S, Memory, MutantCode, find_cause
from grader.judge.session import Session
from grader.judge.signatures import Signature
from grader.worker.zygote import Spawn, Zygote


class Failure(NamedTuple):
    """A check that a submission failed, with all that a mutant is compared by."""

    check: Check
    #: Tells the runs of a check with several parameters apart.
    item: str
    #: How it failed, as `name_failure` says.
    named: tuple[str, str]
    replies: Sequence[Any]
    received_bytes: int
    learner_s: float
    #: Whether the submission was told that an operator may not be used.
    operator_refused: bool
    #: Runs the check once more, on another session.
    run_again: Callable[[Session], None]


class Causes:
    """The mutants of one exercise, at hand for whatever submissions fail its checks."""

    def __init__(
        self,
        mutants: Sequence[MutantCode],
        solution: str,
        spawn: Spawn,
        signatures: Mapping[str, Signature],
        open_zygote: Callable[[], Zygote],
    ) -> None:
        """Prepare; no process is started before one is needed.

        Args:
            mutants: What is looked for, in the exercise's order.
            solution: What each mutant overlays.
            spawn: How the submission runs.
            signatures: What the stub asks for.
            open_zygote: Mutants grow apart from the submission's workers.
        """
        self._mutants = mutants
        self._solution = solution
        self._forbid_operators = spawn.forbid_operators
        self._spawn = msgspec.structs.replace(spawn, sources=(), forbid=(), forbid_operators=())
        self._signatures = signatures
        self._open_zygote = open_zygote
        self._zygote: Zygote | None = None
        self._session: Session | None = None
        #: What mutants answered, where more than one submission is looked at; see `find_cause`.
        self.memories: dict[tuple[str, bool], Memory] | None = None
        self.begin()

    def begin(self, budget_s: float = MAX_REPLAY_S) -> None:
        """Begin with a submission, for which mutants are tried no longer than this in all."""
        self._suspects: list[str] = []
        self._left_s = budget_s

    def close(self) -> None:
        """End all that was forked for them."""
        if self._zygote is not None:
            self._zygote.close()

    def find(self, failure: Failure, guess: str | None) -> str | None:
        """Say what the mistake is: that of the mutant that answers alike, else the guess, else what is usual."""
        return self._find_mutant(failure) or guess or self._name_usual(failure)

    def _find_mutant(self, failure: Failure) -> str | None:
        """Name the mutant that answers as the learner does; the one found before is the first suspect."""
        check = failure.check
        if _is_too_slow(failure) or not failure.replies:
            return None
        started_s = time.monotonic()
        if self._session is None:
            self._zygote = self._open_zygote()
            # One worker runs them all, for their code is the author's.
            self._session = Session(self._zygote, self._spawn, self._signatures)
        session = self._session
        found = find_cause(
            failure.replies,
            sorted(self._mutants, key=lambda m: (m.id not in self._suspects, m.caught_by != check.id)),
            session,
            take_on=lambda mutant, watch: session.take_on(
                (self._solution, mutant.source),
                # It may be wrong by any means, but where the learner is told that an operator may not be used.
                forbid_operators=self._forbid_operators if failure.operator_refused else (),
                watch=watch,
            ),
            run_check=failure.run_again,
            failure=failure.named,
            budget_s=self._left_s,
            memory=None
            if self.memories is None
            else self.memories.setdefault((failure.item, failure.operator_refused), {}),
        )
        self._left_s -= time.monotonic() - started_s
        if found is None:
            return None
        self._suspects.append(found.id)
        return found.says

    def _name_usual(self, failure: Failure) -> str | None:
        """For a check that is too slow to replay: what its only mutant gets wrong, said as a possibility.

        Where the mistake was recognised in another check, a guess would only lead away from it.
        """
        naming = [mutant.says for mutant in self._mutants if mutant.caught_by == failure.check.id]
        alone = len(naming) == 1 and not self._suspects
        return f"a common reason: {naming[0]}" if alone and _is_too_slow(failure) else None


def _is_too_slow(failure: Failure) -> bool:
    return failure.check.continues is not None or failure.learner_s > MAX_CHECK_S
