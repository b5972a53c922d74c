"""Make the grades that prove exercises, several at once, and report on each exercise as it is done."""

import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path

from msgspec import Struct

from grader.core.errors import ContentError
from grader.core.job import Device, Job, Variant
from grader.core.models import Exercise
from grader.core.verdict import Verdict
from grader.corpus import Corpus
from grader.course.code import read_mutant
from grader.grading.pool import GradePool
from grader.grading.run import GradeRun, Run, SurveyRun
from grader.verify.doubt import Graded, find_flake, needs_another
from grader.verify.findings import ProofReport, make_report
from grader.verify.mutate import AutomaticMutant
from grader.verify.orders import Order, plan_automatic, plan_mutants, plan_orders, plan_peeking
from grader.verify.peeking import measures_models
from grader.verify.ranking import Ranking, find_place, find_places

OnGrade = Callable[[int, int], None]
Outcome = Verdict | tuple[Verdict, ...]

#: So many automatic mutants are surveyed by one engine. More, and what the first taught comes too late for the others.
_BATCH = 8
#: Declared mutants are surveyed by one engine, for each engine more runs the mutants of the others again to find the
#: causes; by several where one would take longer than this, were every mutant as slow as the solution.
_SURVEY_S = 30.0


class ProofOptions(Struct, frozen=True):
    """How to prove: with which corpora, over how many seeds, where, and whether with every automatic mutant."""

    corpora: tuple[Corpus, ...]
    seeds: int = 5
    device: Device = "cpu"
    every: bool = False


class Proofs:
    """Proves exercises in as many threads as grades may go at once; each thread waits for an engine of its own."""

    def __init__(self, exercises: Sequence[tuple[Exercise, Path]], options: ProofOptions, jobs: int) -> None:
        self._options = options
        self._jobs = jobs
        # The longest first, so that no thread is left alone with it in the end.
        self._work = sorted(
            (_Work(exercise, folder) for exercise, folder in exercises),
            key=lambda work: -sum(check.timeout_s for check in work.exercise.checks),
        )
        # Nobody waits for an engine's end: the next grade may begin.
        self._pool: GradePool[Outcome] = GradePool(jobs, wait=False)
        self._pending: dict[Run[Outcome], tuple[_Work, Sequence[Graded]]] = {}

    def follow(self, on_grade: OnGrade = lambda done, planned: None) -> Iterator[ProofReport]:
        """Start all grades and yield a report an exercise, as they are done.

        Args:
            on_grade: Told how many grades are done, and how many are planned so far, whenever some are done.

        Raises:
            StudyError: If a grade cannot be made at all: the device is missing, or checks.py is broken.
        """
        for work in self._work:
            self._plan(work, plan_orders(work.exercise, work.folder, self._options.corpora, self._options.seeds))
        for run, future in self._pool.follow():
            work, asked = self._pending.pop(run)
            outcome = _take_outcome(work.exercise, future)
            work.running -= 1
            for graded, verdict in zip(asked, outcome if isinstance(outcome, tuple) else (outcome,), strict=True):
                graded.verdicts.append(verdict)
                work.note(graded.order, verdict)
                if needs_another(work.exercise, graded):
                    self._submit(work, GradeRun, [graded])
            self._submit_waiting(work)
            if not work.running:
                self._go_on(work)
            on_grade(sum(work.done for work in self._work), sum(work.planned for work in self._work))
            if not work.running:
                yield work.report()

    @property
    def running(self) -> int:
        """How many engines are at work."""
        return self._pool.running

    def stop(self) -> None:
        """Cancel what still runs or waits, and wait until every engine is gone."""
        self._pool.stop()

    def _plan(self, work: "_Work", orders: Sequence[Order]) -> None:
        """Submit what is graded by itself, and put in line what is surveyed."""
        planned = [Graded(order, []) for order in orders]
        work.graded += planned
        for graded in planned:
            if not graded.order.surveyed:
                self._submit(work, GradeRun, [graded])
        declared, automatic = (
            [graded for graded in planned if graded.order.surveyed and graded.order.kind == kind]
            for kind in ("mutant", "automatic")
        )
        engines = math.ceil(len(declared) * work.solution_s / _SURVEY_S) or 1
        work.waiting.extend(_divide(declared, math.ceil(len(declared) / engines)))
        work.waiting.extend(_divide(automatic, _BATCH))
        self._submit_waiting(work)

    def _submit_waiting(self, work: "_Work") -> None:
        """Submit surveys, no more than can run at once: the ranking of checks learns from those that are done."""
        while work.waiting and work.running < self._jobs:
            self._submit(work, SurveyRun, work.waiting.popleft())

    def _submit(self, work: "_Work", kind: type[GradeRun] | type[SurveyRun], asked: Sequence[Graded]) -> None:
        order = asked[0].order
        job = Job(
            exercise=work.exercise,
            folder=str(work.folder.resolve()),
            submission=order.source,
            path=f"{order.kind}.py",
            seed=order.seed,
            device=self._options.device,
            corpus=order.corpus,
            stop_early=order.stop_early,
            only=order.only,
            variants=work.make_variants(asked) if kind is SurveyRun else (),
        )
        run: Run[Outcome] = kind(job)
        self._pending[run] = work, asked
        work.running += 1
        self._pool.add([run])

    def _go_on(self, work: "_Work") -> None:
        """Go on to the mutants, to the automatic ones if the solution is what it should be."""
        if work.went_on:
            return
        work.went_on = True
        corpora, solution = self._options.corpora, work.find_solutions()
        work.solution_s = min(sum(check.elapsed_s for check in verdict.checks) for verdict in solution)
        orders = plan_mutants(work.exercise, work.folder, corpora, solution_s=work.solution_s)
        orders += plan_peeking(work.exercise, work.folder, corpora)
        if all(verdict.verdict == "passed" for verdict in solution):
            work.made, automatic = plan_automatic(
                work.exercise, work.folder, corpora, solution_s=work.solution_s, every=self._options.every
            )
            orders += automatic
        self._plan(work, orders)


def _divide(graded: Sequence[Graded], size: int) -> list[Sequence[Graded]]:
    return [graded[i : i + size] for i in range(0, len(graded), size)] if graded else []


def _take_outcome(exercise: Exercise, future: Future[Outcome]) -> Outcome:
    try:
        return future.result()
    except ContentError as error:
        raise ContentError([f"{exercise.id}: {problem}" for problem in error.problems]) from error


class _Work:
    """One exercise on its way: its grades in the order of the plan, and what they taught about its checks."""

    def __init__(self, exercise: Exercise, folder: Path) -> None:
        self.exercise = exercise
        self.folder = folder
        self.graded: list[Graded] = []
        self.waiting: deque[Sequence[Graded]] = deque()
        #: Engines at work on it, or in line.
        self.running = 0
        self.made: Sequence[AutomaticMutant] = ()
        self.went_on = False
        self.solution_s = 0.0
        self._measures = measures_models(exercise, folder)
        self._declared = {mutant.id: find_places(read_mutant(mutant, folder)) for mutant in exercise.mutants}
        self._ranking = Ranking(exercise.checks)

    def find_solutions(self) -> list[Verdict]:
        """Return the verdicts of the solution, with whatever seed."""
        return [graded.settled for graded in self.graded if graded.order.kind in ("solution", "again")]

    @property
    def done(self) -> int:
        """How many grades are made."""
        return sum(len(graded.verdicts) for graded in self.graded)

    @property
    def planned(self) -> int:
        """How many grades are made or known to be needed."""
        return sum(max(1, len(graded.verdicts)) for graded in self.graded)

    def note(self, order: Order, verdict: Verdict) -> None:
        """Learn how long checks take, and which catch what."""
        match order.kind:
            case "solution":
                self._ranking.note_times(verdict)
            case "mutant":
                self._ranking.note(self._declared[order.name], verdict)
            case "automatic":
                self._ranking.note([find_place(order.name)], verdict)

    def make_variants(self, asked: Sequence[Graded]) -> tuple[Variant, ...]:
        """Return what one engine is to survey: the declared in the exercise's order, for all their checks run."""
        checks = tuple(check.id for check in self.exercise.checks)
        return tuple(
            Variant(
                graded.order.source,
                self._ranking.order(find_place(graded.order.name)) if graded.order.stop_early else checks,
                mutant=graded.order.name if graded.order.kind == "mutant" else "",
            )
            for graded in asked
        )

    def report(self) -> ProofReport:
        """Draw up what is found."""
        flakes: Mapping[object, str] = {
            graded.order.key: flake for graded in self.graded if (flake := find_flake(graded)) is not None
        }
        results = [(graded.order, graded.settled) for graded in self.graded]
        return make_report(self.exercise, results, self.made, measures=self._measures, flakes=flakes, grades=self.done)
