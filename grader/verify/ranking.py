"""Guess which check catches a mutant, so that it runs first. Pure; a wrong guess costs time and nothing else.

What caught earlier mutants of the same function, declared or automatic, is likely to catch the next. A check is worth
its share of catches there, for each second that it takes.
"""

import ast
from collections import Counter
from collections.abc import Iterable, Sequence

from grader.core.models import Check
from grader.core.verdict import STATUSES, Verdict

#: What each check takes beside its own work: a process is forked and imports the mutant.
FORK_S = 0.01


def find_place(name: str) -> str:
    """Return the function that an automatic mutant changes, by the mutant's name."""
    return name.partition(":")[0]


def find_places(source: str) -> list[str]:
    """Return the functions, and the methods of classes, that a declared mutant defines again."""
    places = []
    for node in ast.parse(source).body:
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        prefix = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
        places += [prefix + part.name for part in inner if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)]
    return places


class Ranking:
    """Which checks of one exercise have caught what so far."""

    def __init__(self, checks: Sequence[Check]) -> None:
        """Begin without knowing anything of the checks of an exercise, which stand in its order."""
        self._checks = {check.id: check for check in checks}
        self._took_s: dict[str, float] = {}
        self._ran: Counter[tuple[str, str]] = Counter()
        self._caught: Counter[tuple[str, str]] = Counter()

    def note_times(self, verdict: Verdict) -> None:
        """Take in how long the checks took with the solution; the shortest time counts."""
        for check in verdict.checks:
            self._took_s[check.id] = min(check.elapsed_s, self._took_s.get(check.id, check.elapsed_s))

    def note(self, places: Iterable[str], verdict: Verdict) -> None:
        """Take in what the checks said of a mutant that changes these functions."""
        for result in verdict.checks:
            facts = STATUSES[result.status]
            if result.status == "passed" or facts.is_failure:
                for place in {*places, ""}:
                    self._ran[place, result.id] += 1
                    self._caught[place, result.id] += facts.is_failure

    def order(self, place: str) -> tuple[str, ...]:
        """Return all checks, the likeliest to catch a mutant of this function first.

        What a check needs or continues comes before it, and nothing between a check and what continues it.
        """
        chains = self._chain()
        chance = {name: self._chance(place, name) for name in self._checks}
        cost_s = {name: self._took_s.get(name, 0.0) + FORK_S for name in self._checks}
        ordered: list[str] = []
        while left := [chain for chain in chains if chain[0] not in ordered]:
            ways = [self._with_needed(chain, ordered) for chain in left]
            ordered += max(ways, key=lambda way: sum(chance[c] for c in way) / sum(cost_s[c] for c in way))
        return tuple(ordered)

    def _chance(self, place: str, check: str) -> float:
        """Return the share of mutants of a function that a check catches: that of all mutants, while it has seen few."""
        everywhere = (self._caught["", check] + 0.5) / (self._ran["", check] + 1)
        return (self._caught[place, check] + everywhere) / (self._ran[place, check] + 1)

    def _chain(self) -> list[list[str]]:
        """Return the checks, each with those that continue it."""
        chains: list[list[str]] = []
        for check in self._checks.values():
            if check.continues is not None:
                chains[-1].append(check.id)  # what it continues stands right above it
            else:
                chains.append([check.id])
        return chains

    def _with_needed(self, chain: Sequence[str], done: Sequence[str]) -> list[str]:
        """Return a chain behind all that it still needs, in the order of the exercise."""
        chains = {name: other for other in self._chain() for name in other}
        wanted: set[str] = set()
        unseen = list(chain)
        while unseen:
            name = unseen.pop()
            if name not in wanted and name not in done:
                wanted.update(chains[name])
                unseen += [needed for member in chains[name] for needed in self._checks[member].needs]
        return [name for name in self._checks if name in wanted]
