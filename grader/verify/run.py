"""Make the grades that prove exercises, several at once, and report on each exercise as it is done."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path

from msgspec import Struct

from grader.core.errors import ContentError
from grader.core.job import Device, Job
from grader.core.models import Exercise
from grader.core.verdict import Verdict
from grader.corpus import Corpus
from grader.grading.pool import GradePool
from grader.grading.run import GradeRun
from grader.verify.findings import ProofReport, Result, make_report
from grader.verify.mutate import AutomaticMutant
from grader.verify.orders import Order, plan_automatic, plan_mutants, plan_orders, plan_peeking
from grader.verify.peeking import measures_models

OnGrade = Callable[[int, int], None]


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
        # The longest first, so that no thread is left alone with it in the end.
        self._work = sorted(
            (_Work(exercise, folder) for exercise, folder in exercises),
            key=lambda work: -sum(check.timeout_s for check in work.exercise.checks),
        )
        # Nobody waits for an engine's end: the next grade may begin.
        self._pool = GradePool(jobs, wait=False)
        self._pending: dict[GradeRun, tuple[_Work, Order]] = {}

    def follow(self, on_grade: OnGrade = lambda done, planned: None) -> Iterator[ProofReport]:
        """Start all grades and yield a report an exercise, as they are done.

        Args:
            on_grade: Told after every grade how many are done, and how many are planned so far.

        Raises:
            StudyError: If a grade cannot be made at all: the device is missing, or checks.py is broken.
        """
        for work in self._work:
            self._submit(work, plan_orders(work.exercise, work.folder, self._options.corpora, self._options.seeds))
        for done, (run, future) in enumerate(self._pool.follow(), start=1):
            work, order = self._pending.pop(run)
            work.verdicts[work.orders.index(order)] = _take_verdict(work.exercise, future)
            if len(work.verdicts) == len(work.orders):
                self._go_on(work)
            on_grade(done, done + self._pool.pending)
            if len(work.verdicts) == len(work.orders):
                yield make_report(work.exercise, work.results(), work.made, measures=work.measures)

    @property
    def running(self) -> int:
        """How many grades are under way."""
        return self._pool.running

    def stop(self) -> None:
        """Cancel what still runs or waits, and wait until every engine is gone."""
        self._pool.stop()

    def _submit(self, work: "_Work", orders: Sequence[Order]) -> None:
        work.orders += orders
        runs = {GradeRun(self._make_job(work, order)): (work, order) for order in orders}
        self._pending |= runs
        self._pool.add(runs)

    def _make_job(self, work: "_Work", order: Order) -> Job:
        return Job(
            exercise=work.exercise,
            folder=str(work.folder.resolve()),
            submission=order.source,
            path=f"{order.kind}.py",
            seed=order.seed,
            device=self._options.device,
            corpus=order.corpus,
            stop_early=order.stop_early,
            only=order.only,
        )

    def _go_on(self, work: "_Work") -> None:
        """Go on to the mutants that are declared, and then, if the solution is what it should be, to the automatic."""
        solution = [verdict for order, verdict in work.results() if order.kind in ("solution", "again")]
        solution_s = min(sum(check.elapsed_s for check in verdict.checks) for verdict in solution)
        passed = all(verdict.verdict == "passed" for verdict in solution)
        work.steps_done += 1
        if work.steps_done == 1:
            orders = plan_mutants(work.exercise, work.folder, self._options.corpora, solution_s=solution_s)
            self._submit(work, [*orders, *plan_peeking(work.exercise, work.folder, self._options.corpora)])
        elif work.steps_done == 2 and passed:
            work.made, orders = plan_automatic(
                work.exercise, work.folder, self._options.corpora, solution_s=solution_s, every=self._options.every
            )
            self._submit(work, orders)


def _take_verdict(exercise: Exercise, future: Future[Verdict]) -> Verdict:
    try:
        return future.result()
    except ContentError as error:
        raise ContentError([f"{exercise.id}: {problem}" for problem in error.problems]) from error


class _Work:
    """One exercise on its way: its grades in the order of the plan, and the verdicts that are there."""

    def __init__(self, exercise: Exercise, folder: Path) -> None:
        self.exercise = exercise
        self.folder = folder
        self.orders: list[Order] = []
        self.verdicts: dict[int, Verdict] = {}
        self.made: Sequence[AutomaticMutant] = ()
        self.steps_done = 0
        self.measures = measures_models(exercise, folder)

    def results(self) -> list[Result]:
        return [(self.orders[i], self.verdicts[i]) for i in sorted(self.verdicts)]
