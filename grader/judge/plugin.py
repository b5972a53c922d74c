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
from grader.core.verdict import CheckResult, name_check
from grader.judge.messages import Explained, explain, tell_changed
from grader.judge.outcomes import LearnerKilled
from grader.judge.recorder import Pictures
from grader.judge.replay import MAX_CHECK_S, MAX_REPLAY_S, Memory, MutantCode, find_cause
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
        self._open_mutant_zygote = open_mutant_zygote
        self._mutant_zygote: Zygote | None = None
        self._mutants: Session | None = None
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
        self._replay_left_s = MAX_REPLAY_S
        self._suspects: list[str] = []
        self._told_changed = False

    @property
    def pictures_recorded(self) -> tuple[Picture, ...]:
        """The pictures of the learner's own run, in order."""
        return self._pictures.recorded

    def close(self) -> None:
        """End all that was forked for this grade."""
        self.session.kill()
        if self._mutant_zygote is not None:
            self._mutant_zygote.close()

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
                self._run_again(check, pyfuncitem, self.session, carry=self._carry, pictures=self._pictures)
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

    def _explain(self, error: BaseException, check: Check, item: pytest.Function) -> Explained:
        grade = self._grade
        explained = explain(error, self.session, source_map=grade.job.source_map, timeout_s=check.timeout_s)
        unwritten = isinstance(error, LearnerRaised) and "NotImplementedError" in error.kinds
        if (
            isinstance(error, AssertionError | LearnerRaised)
            and explained.status in ("failed", "errored")
            and not unwritten
            and not grade.job.stop_early
        ):
            explained.cause = self._find_mutant(error, check, item) or explained.cause or self._name_usual_cause(check)
        if not self._told_changed:  # once is enough
            said = explained.lines[0] if explained.lines else ""
            names = [
                name for name in self.session.changed_given if name in self._signatures and f"`{name}`" not in said
            ]
            lines = tell_changed(names)
            self._told_changed = bool(lines)
            explained.lines += lines
        return explained

    def _find_mutant(self, error: BaseException, check: Check, item: pytest.Function) -> str | None:
        """Name the mutant that answers as the learner does; the one found before is the first suspect."""
        if check.continues is not None or not self.session.replies or self.session.learner_s > MAX_CHECK_S:
            return None
        started_s = time.monotonic()
        # It may be wrong by any means, but where the learner is told that an operator may not be used.
        free = not (isinstance(error, LearnerRaised) and "ForbiddenOperator" in error.kinds)
        found = find_cause(
            list(self.session.replies),
            sorted(self._grade.mutants, key=lambda m: (m.id not in self._suspects, m.caught_by != check.id)),
            session := self._open_mutants(),
            take_on=lambda mutant, watch: session.take_on(
                (self._grade.solution, mutant.source),
                forbid_operators=() if free else self._grade.spawn.forbid_operators,
                watch=watch,
            ),
            run_check=lambda session: self._run_again(check, item, session),
            error=error,
            budget_s=self._replay_left_s,
            memory=self._remember(item.name, free=free),
        )
        self._replay_left_s -= time.monotonic() - started_s
        if found is None:
            return None
        self._suspects.append(found.id)
        return found.says

    def _remember(self, item_name: str, *, free: bool) -> Memory | None:
        """Return what the mutants have answered in a check; None where nobody else will fail it."""
        return None

    def _name_usual_cause(self, check: Check) -> str | None:
        """For a check that is too slow to replay: what its only mutant gets wrong, said as a possibility.

        Where the mistake was recognised in another check, a guess would only lead away from it.
        """
        naming = [mutant.says for mutant in self._grade.mutants if mutant.caught_by == check.id]
        too_slow = check.continues is not None or self.session.learner_s > MAX_CHECK_S
        return f"a common reason: {naming[0]}" if too_slow and len(naming) == 1 and not self._suspects else None

    def _open_mutants(self) -> Session:
        """Return the session of the mutants: one worker runs them all, for their code is the author's."""
        if self._mutants is None:
            self._mutant_zygote = self._open_mutant_zygote()
            spawn = msgspec.structs.replace(self._grade.spawn, sources=(), forbid=(), forbid_operators=())
            self._mutants = Session(self._mutant_zygote, spawn, self._signatures)
        return self._mutants

    def _run_again(
        self,
        check: Check,
        item: pytest.Function,
        session: Session,
        *,
        carry: dict[str, Any] | None = None,
        pictures: Pictures | None = None,
    ) -> None:
        """Run a check's function once more, on this or another submission, with the same seeds and fresh fixtures.

        What a mutant leaves and makes is not the learner's: it gets a `carry` and `pictures` of its own.
        """
        fresh: dict[str, Any] = {
            "submission": Submission(session),
            "rng": torch.Generator().manual_seed(derive_seed(self._grade.job.seed, item.name, "judge")),
            "carry": carry if carry is not None else {},
            "pictures": pictures if pictures is not None else Pictures(),
        }
        arguments = {name: fresh.get(name, item.funcargs[name]) for name in item._fixtureinfo.argnames}
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
