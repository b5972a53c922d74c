"""The pytest plugin of the judge: fixtures, the order of checks, and the only record of what passed."""

import hashlib
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from types import ModuleType
from typing import Any

import msgspec
import pytest
import torch

from grader.core.corpus import Corpus
from grader.core.errors import StudyError
from grader.core.events import Event, Finished, Printed, Started
from grader.core.job import Job
from grader.core.models import Check
from grader.core.pictures import Picture
from grader.core.source_map import SourceMap
from grader.core.verdict import CheckResult, name_check
from grader.judge.causes import Causes, Failure
from grader.judge.messages import Explained, explain, tell_changed
from grader.judge.outcomes import LearnerKilled
from grader.judge.recorder import Pictures
from grader.judge.replay import MutantCode, name_failure
from grader.judge.session import Session
from grader.judge.submission import Submission
from grader.testing import LearnerRaised
from grader.text.printable import clean_line
from grader.worker.zygote import Spawn, Zygote

Emit = Callable[[Event], None]
#: After so many checks that ran out of time the rest would only make the learner wait longer.
MAX_TIMEOUTS = 2
#: pytest marks that would let a check count as done without running.
_EVASIVE_MARKS = ("skip", "skipif", "xfail")


class Grade(msgspec.Struct, frozen=True):
    """One job, with the hidden files of its exercise read and its device chosen."""

    job: Job
    mutants: tuple[MutantCode, ...]
    solution: str
    spawn: Spawn
    thresholds: Mapping[str, float]
    #: Checks that are in checks.py, but not for this device.
    left_out: frozenset[str] = frozenset()


class JudgePlugin:
    """Runs the declared checks in their order and records, in memory only, what came of each."""

    def __init__(
        self,
        grade: Grade,
        zygote: Zygote,
        signatures: Mapping[str, Any],
        emit: Emit,
        open_mutant_zygote: Callable[[], Zygote],
    ) -> None:
        self._grade = grade
        self._causes = Causes(grade.mutants, grade.solution, grade.spawn, signatures, open_mutant_zygote)
        self._signatures = signatures
        self._emit = emit
        self._checks = {check.id: check for check in grade.job.exercise.checks}
        self.session = Session(
            zygote,
            grade.spawn,
            signatures,
            import_timeout_s=grade.job.exercise.import_timeout_s,
            on_line=self._tell_line,
        )
        self.collection_problems: list[str] = []
        self.refusal: StudyError | None = None
        self._reference: ModuleType | None = None
        self._last_line_s = 0.0
        self._clear()

    def _clear(self) -> None:
        """Begin with a submission."""
        self.results: dict[str, CheckResult] = {}
        self._explained: dict[str, Explained | None] = {}
        self._elapsed_s: dict[str, float] = {}
        self._items_left: dict[str, int] = {}
        self._carry: dict[str, Any] = {}
        self._pictures = Pictures()
        self._causes.begin()
        self._told_changed = False

    @property
    def pictures_recorded(self) -> tuple[Picture, ...]:
        """The pictures of the learner's own run, in order."""
        return self._pictures.recorded

    def close(self) -> None:
        """End all that was forked for this grade."""
        self.session.kill()
        self._causes.close()

    # --- fixtures ---

    @pytest.fixture
    def submission(self) -> Submission:
        """The learner's code, in its own process."""
        return Submission(self.session)

    @pytest.fixture
    def reference(self) -> ModuleType:
        """solution.py, in the judge."""
        if self._reference is None:
            module = ModuleType("reference")
            exec(compile(self._grade.solution, "solution.py", "exec", dont_inherit=True), module.__dict__)
            self._reference = module
        return self._reference

    @pytest.fixture
    def seed(self, request: pytest.FixtureRequest) -> int:
        """A number made from the grade's seed and the check."""
        return derive_seed(self._grade.job.seed, request.node.name, "judge")

    @pytest.fixture
    def rng(self, seed: int) -> torch.Generator:
        """A generator for this check's inputs."""
        return torch.Generator().manual_seed(seed)

    @pytest.fixture
    def device(self) -> str:
        """Where the learner's code runs."""
        return self._grade.spawn.device

    @pytest.fixture
    def corpus(self) -> Corpus:
        """The names corpus of this grade."""
        if self._grade.job.corpus is None:
            raise LookupError("exercise.yaml must say `corpus: true` before a check may use the corpus")
        return self._grade.job.corpus

    @pytest.fixture
    def thresholds(self) -> Mapping[str, float]:
        """The exercise's thresholds for the corpus in use."""
        return self._grade.thresholds

    @pytest.fixture
    def carry(self) -> dict[str, Any]:
        """What a check leaves to those that continue it."""
        return self._carry

    @pytest.fixture
    def pictures(self) -> Pictures:
        """Where a check records what it wants to show."""
        return self._pictures

    # --- order ---

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.collection_problems.append(f"checks.py cannot be imported:\n{report.longreprtext}")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if self.collection_problems:
            return
        items[:] = [item for item in items if check_id(item) not in self._grade.left_out]
        order = {check_id: i for i, check_id in enumerate(self._checks)}
        for item in items:
            if check_id(item) not in order:
                self.collection_problems.append(f"checks.py: {item.name} is not declared in exercise.yaml")
            self.collection_problems += [
                f"checks.py: {item.name} is marked {mark.name}: a check must run"
                for mark in item.iter_markers()
                if mark.name in _EVASIVE_MARKS
            ]
        found = {check_id(item) for item in items}
        self.collection_problems += [
            f"checks.py: no function test_{name} for the check `{name}`" for name in order if name not in found
        ]
        if self.collection_problems:
            items.clear()
        items.sort(key=lambda item: order.get(check_id(item), -1))
        self._count_items(items)

    def _count_items(self, items: Sequence[pytest.Item]) -> None:
        for item in items:
            self._items_left[check_id(item)] = self._items_left.get(check_id(item), 0) + 1

    # --- running ---

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:
        """Pass over an item whose check is decided already, or lacks a check it needs."""
        check = self._checks[check_id(item)]
        first = check.id not in self._explained and check.id not in self.results
        if first:
            self._emit(Started(check.id, name_check(check), check.timeout_s))
            missing = [name for name in _needed(check) if self.results[name].status != "passed"]
            timeouts = sum(result.status == "timed_out" for result in self.results.values())
            if timeouts >= MAX_TIMEOUTS:
                text = f"not run: your code ran out of time in {timeouts} checks already"
                self._explained[check.id] = Explained("not_run", [text])
            elif missing:
                titles = ", ".join(f"“{name_check(self._checks[name])}”" for name in missing)
                self._explained[check.id] = Explained("not_run", [f"not run: it needs {titles}"])
        if self._explained.get(check.id) is not None:
            self._finish_item(check)
            return True
        return None

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
        check = self._checks[check_id(pyfuncitem)]
        started_s = time.monotonic()
        self._explained[check.id] = Explained("grader_fault", ["the check did not end"])
        try:
            go_on = check.continues is not None
            if not go_on:
                self._carry.clear()
            worker_seed = derive_seed(self._grade.job.seed, pyfuncitem.name, "worker")
            self.session.begin_check(worker_seed, check.timeout_s, go_on=go_on)
            try:
                result = yield
            except LearnerKilled:
                if go_on or self._is_continued(check):  # what it builds on is gone with its process
                    raise
                # By itself, from outside, or by the kernel, for the machine's want of memory: that cannot be told
                # apart by one end. With the same numbers it ends itself once more, and nobody else does.
                given = pyfuncitem.funcargs
                self._run_again(check, pyfuncitem, self.session, given, carry=self._carry, pictures=self._pictures)
                result = True  # for pytest: the function was called
            self._explained[check.id] = None
            return result
        except StudyError as error:  # not for the learner to mend: the grade ends here
            self.refusal = error
            pyfuncitem.session.shouldstop = "refused"
            raise
        except BaseException as error:
            self._explained[check.id] = self._explain(error, check, pyfuncitem)
            raise
        finally:
            self._elapsed_s[check.id] = self._elapsed_s.get(check.id, 0.0) + time.monotonic() - started_s
            if not self._is_continued(check):
                self.session.end_check()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
        """A fixture that raises is a fault of ours; the item is over after its teardown."""
        report = yield
        check = self._checks[check_id(item)]
        if call.when != "call" and call.excinfo is not None:
            text = f"{call.when} of {item.name}: {call.excinfo.exconly()}"
            self._explained[check.id] = Explained("grader_fault", [text])
        if call.when == "teardown":
            self._finish_item(check)
            if self._grade.job.stop_early and check.id in self.results and self.results[check.id].status != "passed":
                self._stop_early(item)
        return report

    def _stop_early(self, item: pytest.Item) -> None:
        item.session.shouldstop = "stopped early"

    def _finish_item(self, check: Check) -> None:
        self._items_left[check.id] -= 1
        if self._items_left[check.id] == 0:
            explained = self._explained[check.id]
            self.results[check.id] = CheckResult(
                id=check.id,
                title=name_check(check) if explained and explained.status == "not_run" else check.title,
                status=explained.status if explained else "passed",
                points=check.points,
                message="\n".join(explained.lines) if explained else "",
                cause=explained.cause if explained else None,
                elapsed_s=round(self._elapsed_s.get(check.id, 0.0), 4),
            )
            self._emit(Finished(self.results[check.id]))

    def _is_continued(self, check: Check) -> bool:
        after = list(self._checks.values())[list(self._checks).index(check.id) + 1 :]
        return bool(after) and after[0].continues is not None

    # --- telling why ---

    @property
    def _listing(self) -> SourceMap:
        return self._grade.job.source_map

    def _explain(self, error: BaseException, check: Check, item: pytest.Function) -> Explained:
        grade = self._grade
        explained = explain(error, self.session, source_map=self._listing, timeout_s=check.timeout_s)
        unwritten = isinstance(error, LearnerRaised) and "NotImplementedError" in error.kinds
        if (
            isinstance(error, AssertionError | LearnerRaised)
            and explained.status in ("failed", "errored")
            and not unwritten
            and not grade.job.stop_early
        ):
            explained.cause = self._find_cause(self._note_failure(error, check, item), explained.cause)
        if not self._told_changed:  # once is enough
            said = explained.lines[0] if explained.lines else ""
            names = [
                name for name in self.session.changed_given if name in self._signatures and f"`{name}`" not in said
            ]
            lines = tell_changed(names)
            self._told_changed = bool(lines)
            explained.lines += lines
        return explained

    def _find_cause(self, failure: Failure, guess: str | None) -> str | None:
        return self._causes.find(failure, guess)

    def _note_failure(self, error: BaseException, check: Check, item: pytest.Function) -> Failure:
        session, given = self.session, dict(item.funcargs)
        return Failure(
            check=check,
            item=item.name,
            named=name_failure(error),
            replies=list(session.replies),
            received_bytes=session.received_bytes,
            learner_s=session.learner_s,
            operator_refused=isinstance(error, LearnerRaised) and "ForbiddenOperator" in error.kinds,
            run_again=lambda session: self._run_again(check, item, session, given),
        )

    def _run_again(
        self,
        check: Check,
        item: pytest.Function,
        session: Session,
        given: Mapping[str, Any],
        *,
        carry: dict[str, Any] | None = None,
        pictures: Pictures | None = None,
    ) -> None:
        """Run a check's function once more, on this or another submission, with the same seeds and fresh fixtures.

        `given` are its fixtures in the first run. What a mutant leaves and makes is not the learner's: it gets a `carry` and `pictures` of its own.
        """
        fresh: dict[str, Any] = {
            "submission": Submission(session),
            "rng": torch.Generator().manual_seed(derive_seed(self._grade.job.seed, item.name, "judge")),
            "carry": carry if carry is not None else {},
            "pictures": pictures if pictures is not None else Pictures(),
        }
        arguments = {name: fresh.get(name, given[name]) for name in item._fixtureinfo.argnames}
        session.begin_check(derive_seed(self._grade.job.seed, item.name, "worker"), check.timeout_s)
        item.obj(**arguments)

    def _tell_line(self, line: str) -> None:
        now_s = time.monotonic()
        if now_s - self._last_line_s > 0.1:  # a live line, not a log: the rest is in the message
            self._last_line_s = now_s
            self._emit(Printed(clean_line(line, " ")))


def derive_seed(seed: int, name: str, role: str) -> int:
    """Make a check's own seed; the worker's differs, so that it cannot draw the judge's inputs again."""
    digest = hashlib.sha256(f"{seed}:{role}:{name}".encode()).digest()
    return int.from_bytes(digest[:7], "little")


def check_id(item: pytest.Item) -> str:
    """Return the id of the check that an item belongs to."""
    return getattr(item, "originalname", item.name).removeprefix("test_")


def _needed(check: Check) -> Sequence[str]:
    return (*check.needs, check.continues) if check.continues else check.needs
