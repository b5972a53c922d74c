"""Grade many mutants in one run of pytest, in one worker: the judge's part of `study verify`.

A grade of its own costs an engine, a sandbox and an import before its first check. A mutant is the author's code, so
what keeps learners apart is not needed between mutants. Each check of each mutant still gets a process of its own, forked
from a worker in which no mutant ever ran: nothing in memory goes from one to the next. What they share is the worker's
private folder, and its memory limit. Whoever asks must therefore doubt a verdict that matters and is not the expected
one, and have it made again by a grade of its own.
"""

import time
from collections import defaultdict
from typing import Any

import pytest

from grader.core.job import Variant
from grader.core.verdict import CheckResult
from grader.judge.plugin import JudgePlugin, check_id
from grader.judge.replay import Memory


class SurveyPlugin(JudgePlugin):
    """Runs the wanted checks of every variant, in the variant's own order."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Prepare as for a grade."""
        super().__init__(*args, **kwargs)
        #: Of each variant what its checks came to, and the seconds it took.
        self.surveyed: list[tuple[dict[str, CheckResult], float]] = []
        self._memories: dict[tuple[str, bool], Memory] = defaultdict(dict)
        self._caught = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the checks once for each variant, not once in all."""
        for variant in self._grade.job.variants if session.items else ():
            started_s = time.monotonic()
            self._survey(variant, session)
            self.surveyed.append((self.results, time.monotonic() - started_s))
        return True

    def _survey(self, variant: Variant, session: pytest.Session) -> None:
        grade = self._grade
        self._clear()
        self._replay_left_s = float("inf")  # nobody waits, and whether a cause is found must not depend on the machine
        self._caught = False
        self.session.take_on((variant.text,), forbid=grade.spawn.forbid, forbid_operators=grade.spawn.forbid_operators)
        by_check: dict[str, list[pytest.Item]] = defaultdict(list)
        for item in session.items:
            by_check[check_id(item)].append(item)
        items = [item for name in variant.checks for item in by_check[name]]
        self._count_items(items)
        for item, after in zip(items, [*items[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            if session.shouldstop:  # refused: the same will be said of every variant
                raise session.Interrupted(session.shouldstop)
            if self._caught:
                break
        session._setupstate.teardown_exact(None)  # what pytest keeps for an item of the same file

    def _stop_early(self, item: pytest.Item) -> None:
        self._caught = True

    def _remember(self, item_name: str, *, free: bool) -> Memory:
        return self._memories[item_name, free]
