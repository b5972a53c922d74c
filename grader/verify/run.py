"""Make the grades that prove exercises, several at once, and report on each exercise as it is done."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

from msgspec import Struct

from grader.core.errors import ContentError
from grader.core.models import Exercise
from grader.core.verdict import Verdict
from grader.corpus import Corpus
from grader.engine.client import Cancelled, Engine
from grader.verify.findings import Report, Result, make_report
from grader.verify.mutate import AutomaticMutant
from grader.verify.peeking import measures_models
from grader.verify.plan import Order, plan_automatic, plan_mutants, plan_orders, plan_peeking

OnGrade = Callable[[int, int], None]


class Manner(Struct, frozen=True):
    """How to prove: with which corpora, over how many seeds, where, and whether with every automatic mutant."""

    corpora: tuple[Corpus, ...]
    seeds: int = 5
    device: str = "cpu"
    every: bool = False


class Proofs:
    """Proves exercises in as many threads as grades may go at once; each thread waits for an engine of its own."""

    def __init__(self, exercises: Sequence[tuple[Exercise, Path]], manner: Manner, jobs: int) -> None:
        self._manner = manner
        # The longest first, so that no thread is left alone with it in the end.
        self._work = sorted(
            (_Work(exercise, folder) for exercise, folder in exercises),
            key=lambda work: -sum(check.timeout_s for check in work.exercise.checks),
        )
        self._threads = ThreadPoolExecutor(max_workers=jobs)
        self._lock = threading.Lock()
        self._engines: set[Engine] = set()
        self._cancelled = False
        self._pending: dict[Future[Verdict], tuple[_Work, Order]] = {}

    def follow(self, on_grade: OnGrade = lambda done, planned: None) -> Iterator[Report]:
        """Start all grades and yield a report an exercise, as they are done.

        Args:
            on_grade: Told after every grade how many are done, and how many are planned so far.

        Raises:
            StudyError: If a grade cannot be made at all: the device is missing, or checks.py is broken.
        """
        for work in self._work:
            self._submit(work, plan_orders(work.exercise, work.folder, self._manner.corpora, self._manner.seeds))
        done = 0
        while self._pending:
            for future in wait(self._pending, return_when=FIRST_COMPLETED).done:
                work, order = self._pending.pop(future)
                work.verdicts[work.orders.index(order)] = future.result()
                done += 1
                if len(work.verdicts) == len(work.orders):
                    self._go_on(work)
                on_grade(done, done + len(self._pending))
                if len(work.verdicts) == len(work.orders):
                    yield make_report(work.exercise, work.results(), work.made, measures=work.measures)

    @property
    def running(self) -> int:
        """How many grades are under way."""
        return len(self._engines)

    def stop(self) -> None:
        """Cancel what still runs or waits, and wait until every engine is gone."""
        with self._lock:
            self._cancelled = True
            for engine in self._engines:
                engine.cancel()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _submit(self, work: "_Work", orders: Sequence[Order]) -> None:
        work.orders += orders
        for order in orders:
            self._pending[self._threads.submit(self._grade, work, order)] = work, order

    def _go_on(self, work: "_Work") -> None:
        """Go on to the mutants that are declared, and then, if the solution is what it should be, to the automatic."""
        solution = [verdict for order, verdict in work.results() if order.kind in ("solution", "again")]
        solution_s = min(sum(check.elapsed_s for check in verdict.checks) for verdict in solution)
        passed = all(verdict.verdict == "passed" for verdict in solution)
        work.steps_done += 1
        if work.steps_done == 1:
            orders = plan_mutants(work.exercise, work.folder, self._manner.corpora, solution_s=solution_s)
            self._submit(work, [*orders, *plan_peeking(work.exercise, work.folder, self._manner.corpora)])
        elif work.steps_done == 2 and passed:
            work.made, orders = plan_automatic(
                work.exercise, work.folder, self._manner.corpora, solution_s=solution_s, every=self._manner.every
            )
            self._submit(work, orders)

    def _grade(self, work: "_Work", order: Order) -> Verdict:
        if self._cancelled:  # spare the engine
            raise Cancelled
        engine = Engine()
        try:
            with self._lock:
                if self._cancelled:
                    raise Cancelled
                self._engines.add(engine)
            engine.submit(
                work.exercise,
                work.folder,
                submission=order.source,
                path=f"{order.kind}.py",
                seed=order.seed,
                device=self._manner.device,
                corpus=order.corpus,
                stop_early=order.stop_early,
                only=order.only,
            )
            return engine.follow()
        except ContentError as error:
            raise ContentError([f"{work.exercise.id}: {problem}" for problem in error.problems]) from error
        finally:
            with self._lock:
                self._engines.discard(engine)
            engine.stop(wait=False)


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
