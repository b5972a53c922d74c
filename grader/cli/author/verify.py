"""Verify: prove that the exercises of a course do what they are for."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from grader.cli.context import Context
from grader.core.errors import UsageError
from grader.core.job import DEVICES

if TYPE_CHECKING:
    from grader.core.job import Device
    from grader.core.models import Exercise
    from grader.corpus import Corpus
    from grader.verify import ProofOptions, ProofReport

#: How long a grading server may take to load torch before the grades start without it.
_SERVER_PATIENCE_S = 60.0


@click.command()
@click.argument("exercise_ids", metavar="[IDS]...", nargs=-1)
@click.option("--jobs", type=click.IntRange(1, 256), help="How many grades at once.  [default: one per core]")
@click.option("--seeds", type=click.IntRange(1, 1000), default=5, show_default=True, help="Seeds the solution passes.")
@click.option("--check", is_flag=True, help="Grade nothing: compare the records of proofs with the course as it is.")
@click.option("--changed", is_flag=True, help="Show only what is not proved in its present state.")
@click.option("--fresh", is_flag=True, help="Prove everything again, also what has not changed.")
@click.option("--every", is_flag=True, help="Grade every automatic mutant of slow exercises too, not a sample.")
@click.option("--device", type=click.Choice(DEVICES), default="cpu", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify(
    exercise_ids: tuple[str, ...],
    jobs: int | None,
    seeds: int,
    check: bool,
    changed: bool,
    fresh: bool,
    every: bool,
    device: "Device",
    as_json: bool,
) -> int:
    """Prove exercises: the checks reject the stub and every mistake, and accept every right answer.

    Without IDS: the whole course. What was proved before and has not changed since (the exercise's files, the
    grader, torch, the corpus, these options) is not proved again, unless you say --fresh. Exit code 0 if all is
    proved, 1 if something is not.

    The solution passes with every seed, on the real names where a names file is set up, and once on the embedded
    corpus; the stub fails by NotImplementedError; every mutant is caught by the check it names; every check catches one.
    Then one small thing at a time is changed in the solution; each change must be caught, or explained by an
    `equivalent:` entry. Of an exercise whose checks take more than 5 s each mutant runs only the check that it
    names, with what that one needs, and only a fixed sample of 16 changes is graded, which the report lists; what is
    explained in it is taken on trust, unless you say --every.

    What is not as it should be is graded again with the same seed. Where the two grades differ the check is called
    flaky, which is no hole in it; on a busy machine a right answer may be late, which is said.

    What is proved is recorded in the exercise's folder, in proof.json. Commit it: --check then tells, without a grade,
    which exercises have changed since (exit code 1 if any has).
    """
    if changed and fresh:
        raise UsageError("--changed and --fresh exclude each other", hint="study verify --help")
    if check and (changed or fresh or every):
        raise UsageError(
            "--check grades nothing; it cannot be combined with --changed, --fresh or --every",
            hint="study verify --check",
        )
    context = Context(as_json=as_json)
    if context.content.left_out and not exercise_ids:
        from grader.course import explain_left_out

        raise explain_left_out([problem for problems in context.content.left_out.values() for problem in problems])
    chosen = [context.find_exercise(typed) for typed in dict.fromkeys(exercise_ids)] or [
        *context.content.exercises.values()
    ]
    if check:
        return _check_records(context, chosen)
    return _prove(context, chosen, jobs=jobs, seeds=seeds, changed=changed, fresh=fresh, every=every, device=device)


def _prove(
    context: Context,
    exercises: "list[Exercise]",
    *,
    jobs: int | None,
    seeds: int,
    changed: bool,
    fresh: bool,
    every: bool,
    device: "Device",
) -> int:
    from grader.grading.pool import count_cores
    from grader.verify import ProofOptions, Proofs
    from grader.verify.cache import ProofCache

    options = ProofOptions(_load_corpora(context, exercises), seeds=seeds, device=device, every=every)
    cache = ProofCache(context.cache_dir / "verify", options)
    folders = {exercise.id: context.content.folder(exercise.id) for exercise in exercises}
    known = {} if fresh else {e.id: found for e in exercises if (found := cache.find(e, folders[e.id])) is not None}
    todo = [exercise for exercise in exercises if exercise.id not in known]
    reports: dict[str, ProofReport] = {} if changed else dict(known)
    if todo:
        _await_server(context)
    proofs = Proofs([(exercise, folders[exercise.id]) for exercise in todo], options, jobs or count_cores())
    try:
        with _watch(quiet=context.as_json) as on_grade:
            for report in proofs.follow(on_grade):
                reports[report.exercise] = report
                exercise = context.content.exercises[report.exercise]
                cache.keep(exercise, folders[exercise.id], report)
                _write_record(context, exercise, report, options)  # at once: the proofs of the others may be stopped
    finally:
        proofs.stop()
    for report in known.values():
        _write_record(context, context.content.exercises[report.exercise], report, options)
    _show(context, [reports[e.id] for e in exercises if e.id in reports], exercises)
    return 0 if all(report.proved for report in reports.values()) else 1


def _write_record(context: Context, exercise: "Exercise", report: "ProofReport", options: "ProofOptions") -> None:
    """Record in the exercise's folder that it is proved, unless the course is the one that was installed with study."""
    from grader.core.package import PACKAGE
    from grader.verify.records import make_record, write_record

    folder = context.content.folder(exercise.id)
    if not report.proved or folder.is_relative_to(PACKAGE):
        return
    try:
        write_record(folder, make_record(exercise, folder, report, options))
    except OSError as error:
        context.say(f"study: the record of {exercise.id} is not kept in {folder}: {error.strerror}")


def _check_records(context: Context, exercises: "list[Exercise]") -> int:
    """Tell which records no longer fit their exercise; 0 if all do."""
    from grader.text.console import line
    from grader.verify.digest import digest_verdict_code
    from grader.verify.records import describe_states, judge_record

    code = digest_verdict_code()
    states = {exercise.id: judge_record(exercise, context.content.folder(exercise.id), code) for exercise in exercises}
    lines = describe_states(states)
    context.show(lambda: line("\n".join(lines)), lambda: {"records": states})
    return 1 if {"missing", "unfit"} & set(states.values()) else 0


def _load_corpora(context: Context, exercises: "list[Exercise]") -> "tuple[Corpus, ...]":
    """Return the corpus that a learner would have here and, if that is another one, the embedded one."""
    from grader.corpus import CorpusSettings, resolve_corpus

    using = next((exercise for exercise in exercises if exercise.corpus), None)
    first = context.load_corpus(using) if using is not None else None
    if first is None:
        return ()
    if first.name == "embedded":
        return (first,)
    # A folder in which no download is kept: there only the embedded corpus can be found.
    settings = CorpusSettings(cache_dir=context.cache_dir / "verify", offline=True)
    return first, resolve_corpus(settings, report=lambda sentence: None)


def _await_server(context: Context) -> None:
    """Start the grading server and wait for it: without it each of some hundred grades loads torch again."""
    import time

    from grader.engine.server import client

    context.settle_server()
    until_s = time.monotonic() + _SERVER_PATIENCE_S
    while client.start_in_background() and time.monotonic() < until_s:
        link = client.connect(client.STATUS)
        if link is not None:
            link.close()
            return
        time.sleep(0.1)


@contextmanager
def _watch(*, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Show one bar on a terminal while the block runs; elsewhere nothing."""
    import sys

    from grader.text.console import can_redraw, make_console

    console = make_console(sys.stderr)
    if quiet or not can_redraw(console):
        yield lambda done, planned: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("proving"), BarColumn(), MofNCompleteColumn(), TextColumn("grades"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, planned: bar.update(task, completed=done, total=planned)


def _show(context: Context, reports: "list[ProofReport]", exercises: "list[Exercise]") -> None:
    from msgspec import to_builtins
    from rich.console import Group

    from grader.text.console import line
    from grader.verify.findings import share_named
    from grader.verify.matrix import write_report, write_summary

    named_by = {e.id: {mutant.id: mutant.caught_by for mutant in e.mutants} for e in exercises}
    proved = all(report.proved for report in reports)
    named, mutants = share_named(reports)
    texts = [f"{write_report(report, caught_by=named_by[report.exercise])}\n" for report in reports]
    context.show(
        lambda: Group(*map(line, texts), line(write_summary(reports, total=len(reports)))),
        lambda: {
            "proved": proved,
            "named": named,
            "mutants": mutants,
            "exercises": [to_builtins(report) | {"proved": report.proved} for report in reports],
        },
    )
