"""What the verdicts say about an exercise: every way in which it is not proved, in one sentence each. Pure."""

from collections.abc import Container, Mapping, Sequence
from types import MappingProxyType

from msgspec import Struct

from grader.core.models import Exercise
from grader.core.verdict import STATUSES, Status, Verdict
from grader.verify.mutate import AutomaticMutant
from grader.verify.orders import Order
from grader.verify.peeking import judge_peeking

#: A check that takes more of its time with our solution may run out of it on a slower machine.
WARN_SHARE = 1 / 3
_UNWRITTEN = "is not written yet: it raises NotImplementedError"

#: In a row, for a check that was not wanted.
LEFT_OUT = "left_out"

Result = tuple[Order, Verdict]


class GradeRow(Struct, frozen=True):
    """One row of the matrix: what was graded, and the status of every check in the order of the exercise."""

    kind: str
    name: str
    seed: int
    corpus: str | None
    statuses: tuple[str, ...]


class Diagnosis(Struct, frozen=True):
    """How many mutants, graded as a submission, were given their own sentence; `alike` cannot be told apart."""

    named: int
    mutants: int
    unnamed: tuple[str, ...]
    alike: tuple[tuple[str, ...], ...]


class Automatic(Struct, frozen=True):
    """What became of the automatic mutants; `sampled` names those graded where that is not all of them."""

    made: int
    graded: int
    caught: int
    equivalent: tuple[str, ...]
    survivors: tuple[str, ...]
    sampled: tuple[str, ...] = ()


class ProofReport(Struct, frozen=True):
    """The proof of one exercise, or what is missing from it."""

    exercise: str
    checks: tuple[str, ...]
    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    rows: tuple[GradeRow, ...]
    diagnosis: Diagnosis
    automatic: Automatic
    #: The longest that each check took with the solution.
    longest_s: tuple[float, ...]
    grades: int
    checks_s: float
    cached: bool = False

    @property
    def proved(self) -> bool:
        """Whether nothing is missing."""
        return not self.problems


def make_report(
    exercise: Exercise,
    results: Sequence[Result],
    made: Sequence[AutomaticMutant],
    *,
    measures: bool = False,
    flakes: Mapping[object, str] = MappingProxyType({}),
    grades: int | None = None,
) -> ProofReport:
    """Draw up the report of one exercise.

    Args:
        exercise: What was to be proved.
        results: What was graded for it, in the order of the plan, with the verdict that counts.
        made: Its automatic mutants, whether graded or not.
        measures: Whether its checks measure models.
        flakes: By the key of an order: a sentence on how its grades differ. No hole is seen in such an order.
        grades: How many grades were made, if that is more than one a result.
    """
    sound = [result for result in results if result[0].key not in flakes]
    declared = [result for result in results if result[0].kind != "automatic"]
    diagnosis = _diagnose(exercise, results)
    automatic, holes = _judge_automatic(exercise, results, made, flakes)
    longest_s = _measure(exercise, results)
    problems = [
        *flakes.values(),
        *_judge_stub(sound),
        *_judge_right_answers(sound),
        *_judge_mutants(exercise, sound),
        *_judge_checks(exercise, results),
        *judge_peeking({o.name: _statuses(v) for o, v in _of(results, "peeking")}, measures=measures),
        *holes,
    ]
    return ProofReport(
        exercise=exercise.id,
        checks=tuple(check.id for check in exercise.checks),
        problems=tuple(problems),
        warnings=tuple(_judge_times(exercise, longest_s)),
        rows=tuple(
            GradeRow(o.kind, o.name, o.seed, o.corpus.name if o.corpus else None, _row(exercise, v))
            for o, v in declared
        ),
        diagnosis=diagnosis,
        automatic=automatic,
        longest_s=longest_s,
        grades=len(results) if grades is None else grades,
        checks_s=round(sum(check.elapsed_s for _, verdict in results for check in verdict.checks), 3),
    )


def _row(exercise: Exercise, verdict: Verdict) -> tuple[str, ...]:
    statuses = _statuses(verdict)
    return tuple(statuses.get(check.id, LEFT_OUT) for check in exercise.checks)


def _of(results: Sequence[Result], *kinds: str) -> list[Result]:
    return [result for result in results if result[0].kind in kinds]


def _statuses(verdict: Verdict) -> dict[str, Status]:
    return {check.id: check.status for check in verdict.checks}


def _judge_stub(results: Sequence[Result]) -> list[str]:
    problems = []
    for _, verdict in _of(results, "stub"):
        unwritten = 0
        for check in verdict.checks:
            first = (check.message.splitlines() or [""])[0]
            if check.status == "errored" and first.endswith(_UNWRITTEN):
                unwritten += 1
            elif check.status == "passed":
                problems.append(f"the stub passes `{check.id}`: a check must need what the learner writes")
            elif check.status != "not_run":
                problems.append(
                    f"the stub fails `{check.id}` otherwise than by NotImplementedError: {check.status}: {first}"
                )
        if not problems and not unwritten:
            problems.append("the stub fails no check by NotImplementedError")
    return problems


def _judge_right_answers(results: Sequence[Result]) -> list[str]:
    """Hold the solution and its alternatives to passing, and the same seed to the same statuses."""
    problems = []
    for order, verdict in _of(results, "solution", "alternative"):
        if verdict.verdict != "passed":
            who = "the solution" if order.kind == "solution" else f"the alternative `{order.name}`"
            on = f" on the {order.corpus.name} corpus" if order.corpus else ""
            problems.append(f"{who} does not pass with seed {order.seed}{on}: {_tell_failure(verdict)}")
    for order, verdict in _of(results, "again"):
        for first, earlier in _of(results, "solution"):
            if (first.seed, first.corpus) == (order.seed, order.corpus):
                before, after = _statuses(earlier), _statuses(verdict)
                problems += [
                    f"`{name}` is flaky: with seed {order.seed} the solution was first {before[name]}, then {after[name]}"
                    for name in before
                    if before[name] != after[name]
                ]
    return problems


def _tell_failure(verdict: Verdict) -> str:
    for check in verdict.checks:
        if check.status != "passed":
            return f"`{check.id}` {check.status}: {(check.message.splitlines() or ['without a message'])[0]}"
    return "no check failed"


def _judge_mutants(exercise: Exercise, results: Sequence[Result]) -> list[str]:
    problems = []
    declared = {mutant.id: mutant for mutant in exercise.mutants}
    for order, verdict in _of(results, "mutant"):
        named = declared[order.name].caught_by
        statuses = _statuses(verdict)
        catching = [name for name, status in statuses.items() if STATUSES[status].is_failure]
        if verdict.verdict == "grader_fault":
            problems.append(f"the mutant `{order.name}` cannot be graded: {_tell_failure(verdict)}")
        elif not catching and order.only:
            problems.append(f"the mutant `{order.name}` is not caught: it passes `{named}` and all that it needs")
        elif not catching:
            problems.append(f"the mutant `{order.name}` is not caught: it passes every check")
        elif named not in catching:
            others = ", ".join(f"`{name}`" for name in catching)
            problems.append(
                f"the mutant `{order.name}` should be caught by `{named}`, which is {statuses[named]}; "
                f"it is caught by {others}"
            )
    return problems


def _judge_checks(exercise: Exercise, results: Sequence[Result]) -> list[str]:
    caught = {
        name
        for _, verdict in _of(results, "mutant")
        for name, status in _statuses(verdict).items()
        if STATUSES[status].is_failure
    }
    return [
        f"the check `{check.id}` catches no mutant: add the mistake that it is there for"
        for check in exercise.checks
        if check.id not in caught
    ]


def _judge_automatic(
    exercise: Exercise, results: Sequence[Result], made: Sequence[AutomaticMutant], flakes: Container[object]
) -> tuple[Automatic, list[str]]:
    explained = {entry.change: entry.why for entry in exercise.equivalent}
    names = {mutant.name for mutant in made}
    graded = _of(results, "automatic")
    sound = [result for result in graded if result[0].key not in flakes]
    alive = [order.name for order, verdict in sound if verdict.verdict == "passed"]
    dead = {
        order.name for order, verdict in sound if any(STATUSES[check.status].is_failure for check in verdict.checks)
    }
    broken = [
        f"the automatic mutant cannot be graded: {order.name}: {_tell_failure(verdict)}"
        for order, verdict in sound
        if verdict.verdict == "grader_fault"
    ]
    survivors = tuple(name for name in alive if name not in explained)
    holes = [f"a change that no check notices: {name}" for name in survivors]
    # Without any automatic mutants, as where the solution itself fails, nothing is known of them.
    stale = [f"`equivalent` explains a change that is not made: {name}" for name in explained if name not in names]
    stale += [f"`equivalent` explains a change that is caught: {name}" for name in explained if name in dead]
    automatic = Automatic(
        made=len(made),
        graded=len(graded),
        caught=len(dead),
        equivalent=tuple(mutant.name for mutant in made if mutant.name in explained and mutant.name not in dead),
        survivors=survivors,
        sampled=tuple(order.name for order, _ in graded) if len(graded) < len(made) else (),
    )
    return automatic, [*broken, *holes, *(stale if made else ())]


def _diagnose(exercise: Exercise, results: Sequence[Result]) -> Diagnosis:
    """Count the mutants that the check they name gives their own sentence; those quite alike count as one."""
    verdicts = {order.name: verdict for order, verdict in _of(results, "mutant")}
    mutants = [mutant for mutant in exercise.mutants if mutant.id in verdicts]
    groups: dict[object, list[str]] = {}
    named = set()
    for mutant in mutants:
        # What a learner is told is made of the replies: who is told the same throughout answered the same.
        told = tuple((c.id, c.status, c.message, c.cause) for c in verdicts[mutant.id].checks)
        groups.setdefault(told, []).append(mutant.id)
        cause = next((c.cause for c in verdicts[mutant.id].checks if c.id == mutant.caught_by), None)
        if cause is not None and mutant.says in cause:
            named.add(mutant.id)
    alike = [tuple(group) for group in groups.values()]
    return Diagnosis(
        named=sum(any(name in named for name in group) for group in alike),
        mutants=len(alike),
        unnamed=tuple(group[0] for group in alike if not any(name in named for name in group)),
        alike=tuple(group for group in alike if len(group) > 1),
    )


def _measure(exercise: Exercise, results: Sequence[Result]) -> tuple[float, ...]:
    longest: dict[str, float] = {}
    for _, verdict in _of(results, "solution", "again"):
        for check in verdict.checks:
            longest[check.id] = max(longest.get(check.id, 0.0), check.elapsed_s)
    return tuple(longest.get(check.id, 0.0) for check in exercise.checks)


def _judge_times(exercise: Exercise, longest_s: Sequence[float]) -> list[str]:
    return [
        f"`{check.id}` takes {took_s:.1f} s with the solution, more than a third of its {check.timeout_s:g} s"
        for check, took_s in zip(exercise.checks, longest_s, strict=True)
        if took_s > WARN_SHARE * check.timeout_s
    ]


def share_named(reports: Sequence[ProofReport] | Mapping[str, ProofReport]) -> tuple[int, int]:
    """Return (mutants that were given their own sentence, mutants that can be told apart) over several exercises."""
    found = list(reports.values()) if isinstance(reports, Mapping) else list(reports)
    return sum(r.diagnosis.named for r in found), sum(r.diagnosis.mutants for r in found)
