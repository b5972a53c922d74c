"""Several grades at once."""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Generic, TypeVar

from grader.grading.run import Cancelled, Run

Outcome = TypeVar("Outcome")


def count_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class GradePool(Generic[Outcome]):
    """Runs grades, or other jobs, in as many threads as may go at once; each thread waits for an engine of its own."""

    def __init__(self, jobs: int, *, wait: bool = True) -> None:
        """Make it.

        Args:
            jobs: How many grades at once.
            wait: Whether each thread waits until its engine is gone before it takes the next grade.
        """
        self._threads = ThreadPoolExecutor(max_workers=jobs)
        self._wait = wait
        self._pending: dict[Future[Outcome], Run[Outcome]] = {}

    @property
    def pending(self) -> int:
        """How many grades run or wait."""
        return len(self._pending)

    @property
    def running(self) -> int:
        """How many grades are under way."""
        return sum(run.is_running for run in list(self._pending.values()))

    def add(self, runs: Iterable[Run[Outcome]]) -> None:
        """Put grades in line; while `follow` goes on, too, in the thread that follows."""
        for run in runs:
            self._pending[self._threads.submit(run.finish, wait=self._wait)] = run

    def follow(self) -> Iterator[tuple[Run[Outcome], Future[Outcome]]]:
        """Yield all grades as they finish."""
        while self._pending:
            for future in wait(self._pending, return_when=FIRST_COMPLETED).done:
                yield self._pending.pop(future), future

    def stop(self) -> None:
        """Cancel what still runs or waits, and wait until every engine is gone."""
        for run in self._pending.values():
            run.cancel()
        self._threads.shutdown(wait=True)

    def left_over(self) -> Iterator[tuple[Run[Outcome], Future[Outcome]]]:
        """Yield, after `stop`, what finished before it could be cancelled and was not yielded yet."""
        for future, run in self._pending.items():
            if not isinstance(future.exception(), Cancelled):
                yield run, future
