"""Grade many mutants in one run of pytest, in one worker: the judge's part of `study verify`.

A grade of its own costs an engine, a sandbox and an import before its first check. A mutant is the author's code, so
what keeps learners apart is not needed between mutants: one worker serves them all. What a mutant is said to have failed
or passed is sound all the same. Each check of each mutant gets a process of its own, forked from a worker in which no
mutant ever ran, so that nothing in memory goes from one to the next; and the worker empties its folder in between. Only
a process that a mutant starts and leaves behind could reach another. `grader.verify.doubt` moreover grades every mutant
again, on its own, whose verdict is not the expected one.
"""

import math
import time
from collections import defaultdict
from collections.abc import Generator
from typing import Any, NamedTuple

import msgspec
import pytest

from grader.core.job import Variant
from grader.core.source_map import SourceMap
from grader.core.verdict import CheckResult
from grader.judge.causes import Failure
from grader.judge.outcomes import SubmissionBroken
from grader.judge.plugin import JudgePlugin, check_id
from grader.judge.replay import MAX_REMEMBERED_BYTES, Memory, Recorded, name_failure
from grader.testing import LearnerRaised


class _Unexplained(NamedTuple):
    """A failure whose cause is looked for when all variants have run, with what was guessed from its numbers."""

    results: dict[str, CheckResult]
    failure: Failure
    guess: str | None


class SurveyPlugin(JudgePlugin):
    """Runs the wanted checks of every variant, in the variant's own order."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Prepare as for a grade."""
        super().__init__(*args, **kwargs)
        #: Of each variant what its checks came to, and the seconds it took.
        self.surveyed: list[tuple[dict[str, CheckResult], float]] = []
        self._variant = Variant("", ())
        self._caught = False
        self._unexplained: list[_Unexplained] = []
        self._memories: dict[tuple[str, bool], Memory] = {}
        self._causes.memories = self._memories

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the checks once for each variant, not once in all."""
        for variant in self._grade.job.variants if session.items else ():
            started_s = time.monotonic()
            self._survey(variant, session)
            self.surveyed.append((self.results, time.monotonic() - started_s))
        self._find_causes()
        return True

    def _survey(self, variant: Variant, session: pytest.Session) -> None:
        spawn = self._grade.spawn
        self._variant = variant
        self._clear()
        self._caught = False
        self.session.take_on((variant.text,), forbid=spawn.forbid, forbid_operators=spawn.forbid_operators)
        by_check: dict[str, list[pytest.Item]] = defaultdict(list)
        for item in session.items:
            by_check[check_id(item)].append(item)
        items = [item for name in variant.checks for item in by_check[name]]
        self._count_items(items)
        for item, after in zip(items, [*items[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            if session.shouldstop:  # refused: the same would be said of every variant
                raise session.Interrupted(session.shouldstop)
            if self._caught:
                break
        session._setupstate.teardown_exact(None)  # what pytest keeps for an item of the same file

    @property
    def _listing(self) -> SourceMap:
        return SourceMap(self._grade.job.path, self._variant.text)

    def _stop_early(self, item: pytest.Item) -> None:
        self._caught = True

    # --- causes: nearly all that a mutant would be run again for was seen when it was a variant itself ---

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
        """Remember what a mutant of the exercise answered."""
        try:
            result = yield from super().pytest_pyfunc_call(pyfuncitem)
        except Exception as error:
            self._remember(pyfuncitem, error)
            raise
        self._remember(pyfuncitem, None)
        return result

    def _remember(self, item: pytest.Function, error: Exception | None) -> None:
        forbidden = isinstance(error, LearnerRaised) and "ForbiddenOperator" in error.kinds
        if not self._variant.mutant or forbidden or isinstance(error, SubmissionBroken):
            return  # when causes are looked for, a mutant may use what is forbidden
        session = self.session
        small = session.received_bytes <= MAX_REMEMBERED_BYTES
        failure = name_failure(error) if error is not None else None
        memory = self._memories.setdefault((item.name, False), {})
        memory[self._variant.mutant] = Recorded(tuple(session.replies), failure) if small else None

    def _find_cause(self, failure: Failure, guess: str | None) -> str | None:
        if failure.received_bytes > MAX_REMEMBERED_BYTES:  # too much to be kept until the end
            return super()._find_cause(failure, guess)
        self._unexplained.append(_Unexplained(self.results, failure, guess))
        return None

    def _find_causes(self) -> None:
        results: dict[str, CheckResult] | None = None
        for found in self._unexplained:
            if found.results is not results:
                results = found.results
                # Nobody waits, and whether a cause is found must not depend on how busy the machine is.
                self._causes.begin(budget_s=math.inf)
            name = found.failure.check.id
            cause = self._causes.find(found.failure, found.guess)
            results[name] = msgspec.structs.replace(results[name], cause=cause)
