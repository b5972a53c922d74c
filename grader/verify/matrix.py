"""Write a report for people: the matrix of mutants and checks, then every problem."""

from collections.abc import Mapping, Sequence

from grader.core.verdict import STATUSES
from grader.verify.findings import LEFT_OUT, GradeRow, ProofReport, share_named

#: One letter a status; what passes is a dot, so that what catches stands out.
_LETTERS: Mapping[str, str] = {status: facts.letter for status, facts in STATUSES.items()} | {LEFT_OUT: " "}
_LEGEND = ", ".join(f"{facts.letter} {facts.words or status}" for status, facts in STATUSES.items())


def write_report(report: ProofReport, *, caught_by: dict[str, str]) -> str:
    """Write one exercise: a line if it is proved by an earlier run, else matrix, figures and problems.

    Args:
        report: What was found.
        caught_by: By mutant, the check that it names.
    """
    state = "proved" if report.proved else f"not proved: {_count(len(report.problems), 'problem')}"
    known = " (unchanged since it was proved)" if report.cached else ""
    lines = [f"{report.exercise}  {state}{known}"]
    if not report.cached:
        lines += ["", *write_matrix(report, caught_by=caught_by), "", *_write_figures(report)]
    lines += [f"  warning: {text}" for text in report.warnings]
    lines += [f"  ✗ {text}" for text in report.problems]
    return "\n".join(lines)


def write_matrix(report: ProofReport, *, caught_by: dict[str, str]) -> list[str]:
    """Write one row for everything graded but the automatic mutants, one column a check; [F] is where it is due."""
    rows = [(_name(row), row) for row in report.rows]
    width = max((len(name) for name, _ in rows), default=0)
    lines = [f"  {i + 1:>2} {check}" for i, check in enumerate(report.checks)]
    lines.append(f"  {'':<{width}} {''.join(f'{i + 1:^3}' for i in range(len(report.checks)))}".rstrip())
    for name, row in rows:
        due = caught_by.get(row.name) if row.kind == "mutant" else None
        cells = (
            f"[{_LETTERS[status]}]" if check == due else f" {_LETTERS[status]} "
            for check, status in zip(report.checks, row.statuses, strict=True)
        )
        lines.append(f"  {name:<{width}} {''.join(cells)}".rstrip())
    return [*lines, f"  {_LEGEND}"]


def _name(row: GradeRow) -> str:
    if row.kind in ("solution", "again"):
        on = f" on {row.corpus}" if row.corpus else ""
        return f"solution, seed {row.seed}{on}{', again' if row.kind == 'again' else ''}"
    return {"stub": "stub", "alternative": f"accept {row.name}", "peeking": f"model {row.name}"}.get(row.kind, row.name)


def _write_figures(report: ProofReport) -> list[str]:
    found, automatic = report.diagnosis, report.automatic
    lines = [f"  diagnosis: {found.named} of {found.mutants} mutants are given their own sentence"]
    lines += [f"    not given it: {name}" for name in found.unnamed]
    lines += [f"    answer alike, and count as one: {', '.join(group)}" for group in found.alike]
    sampled = f", a sample of {automatic.graded}" if automatic.sampled else ""
    lines.append(
        f"  automatic mutants: {automatic.made} made{sampled}; {automatic.caught} caught, "
        f"{len(automatic.equivalent)} explained as equivalent, {len(automatic.survivors)} not noticed"
    )
    lines += [f"    sampled: {name}" for name in automatic.sampled]
    lines.append(f"  {_count(report.grades, 'grade')}; the checks alone took {report.checks_s:.1f} s")
    return lines


def write_summary(reports: Sequence[ProofReport], *, total: int) -> str:
    """Write one line over all exercises."""
    proved = sum(report.proved for report in reports)
    named, mutants = share_named(reports)
    share = f"; {named} of {mutants} mutants ({named / mutants:.0%}) are given their own sentence" if mutants else ""
    return f"{proved} of {_count(total, 'exercise')} proved{share}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
