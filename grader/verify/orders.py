"""Which grades prove an exercise."""

from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Literal

from msgspec import Struct

from grader.core.models import Exercise
from grader.corpus import Corpus
from grader.course.code import read_alternative, read_mutant, read_solution, read_stub
from grader.verify.mutate import AutomaticMutant, make_mutants
from grader.verify.peeking import make_peeking, may_measure

Kind = Literal["stub", "solution", "again", "alternative", "mutant", "peeking", "automatic"]
#: An exercise whose checks take longer with its solution has only a sample of its automatic mutants graded, unless
#: all are asked for: each that trains a network costs as much as its solution.
SLOW_S = 5.0
SAMPLE = 16


class Order(Struct, frozen=True):
    """One grade to be made: of what, and how. `again` is the solution with a seed that it had before."""

    kind: Kind
    name: str
    source: str
    seed: int
    corpus: Corpus | None = None
    #: The checks to run, with those that they need; all, if none is named.
    only: tuple[str, ...] = ()
    #: Whether it is graded beside other mutants, in one worker; see `grader.judge.survey`.
    surveyed: bool = False

    @property
    def key(self) -> tuple[str, str, int, str | None]:
        """What tells it from the other orders of its exercise."""
        return self.kind, self.name, self.seed, self.corpus.name if self.corpus else None

    @property
    def stop_early(self) -> bool:
        """Whether no more is wanted than a first check that fails."""
        return self.kind == "automatic"


def plan_orders(exercise: Exercise, folder: Path, corpora: Sequence[Corpus], seeds: int) -> list[Order]:
    """Return the grades of what has to pass, the slowest kind first, and of the stub.

    Args:
        exercise, folder: What to prove.
        corpora: Those that the solution has to pass on; the first serves for everything else.
        seeds: How many seeds the solution has to pass with, on the first corpus; on the others it has to once.
    """
    wanted = list(corpora) if exercise.corpus else [None]
    solution = read_solution(exercise, folder)
    orders = [Order("solution", "solution", solution, 1 + n, wanted[0]) for n in range(seeds)]
    orders += [Order("solution", "solution", solution, 1, corpus) for corpus in wanted[1:]]
    orders.append(Order("again", "solution", solution, 1, wanted[0]))
    orders += [Order("alternative", a.id, read_alternative(a, folder), 1, wanted[0]) for a in exercise.accept]
    return [*orders, Order("stub", "stub", read_stub(exercise, folder), 1, wanted[0])]


def plan_mutants(exercise: Exercise, folder: Path, corpora: Sequence[Corpus], *, solution_s: float) -> list[Order]:
    """Return the grades of the declared mutants.

    Where the checks take long each runs only the check that is to catch it, with what that one needs; unless there is a
    check that no mutant names, which then may catch any of them.

    Args:
        exercise, folder, corpora: As for `plan_orders`.
        solution_s: How long the checks take with the solution.
    """
    named = {mutant.caught_by for mutant in exercise.mutants}
    focused = solution_s > SLOW_S and named >= {check.id for check in exercise.checks}
    solution, corpus = read_solution(exercise, folder), corpora[0] if exercise.corpus else None
    return [
        Order(
            "mutant",
            mutant.id,
            f"{solution}\n\n{read_mutant(mutant, folder)}",
            1,
            corpus,
            only=(mutant.caught_by,) if focused else (),
            surveyed=solution_s <= SLOW_S,  # where training takes its time, a grade of its own costs little more
        )
        for mutant in exercise.mutants
    ]


def plan_peeking(exercise: Exercise, folder: Path, corpora: Sequence[Corpus]) -> list[Order]:
    """Return the grades of a poor and of a peeking model, for an exercise that may measure one."""
    if not may_measure(exercise, folder):
        return []
    corpus = corpora[0] if exercise.corpus else None
    return [Order("peeking", name, source, 1, corpus) for name, source in make_peeking(exercise, folder).items()]


def plan_automatic(
    exercise: Exercise, folder: Path, corpora: Sequence[Corpus], *, solution_s: float, every: bool
) -> tuple[list[AutomaticMutant], list[Order]]:
    """Return all automatic mutants, and the grades of those that are to be graded.

    Of a sample those that are explained as equivalent are not graded: that a training with another start comes out
    as well is true of most seeds and machines, and is to be judged once, not again on every busy machine.

    Args:
        exercise, folder, corpora: As for `plan_orders`.
        solution_s: How long the checks take with the solution.
        every: Whether to grade all of them however long that takes.
    """
    made = make_mutants(read_solution(exercise, folder), read_stub(exercise, folder))
    explained = {entry.change for entry in exercise.equivalent}
    fast = every or solution_s <= SLOW_S
    chosen = made if fast else [mutant for mutant in sample(made) if mutant.name not in explained]
    corpus = corpora[0] if exercise.corpus else None
    return made, [
        # What is explained is expected to pass: that would have to be seen in a grade of its own all the same.
        Order("automatic", mutant.name, mutant.source, 1, corpus, surveyed=mutant.name not in explained)
        for mutant in chosen
    ]


def sample(mutants: Sequence[AutomaticMutant]) -> list[AutomaticMutant]:
    """Choose SAMPLE mutants by their names alone: the same ones every time, and most of them after a small edit too."""
    ranked = sorted(mutants, key=lambda mutant: blake2b(mutant.name.encode(), digest_size=8).digest())
    chosen = {mutant.name for mutant in ranked[:SAMPLE]}
    return [mutant for mutant in mutants if mutant.name in chosen]
