"""What `study doctor` looks at; every finding says what was found and, if it is bad, what to do."""

import platform
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from msgspec import Struct

from grader.cli.context import Context, short_path
from grader.core.errors import ContentError, StudyError


class Observation(Struct, frozen=True):
    """One thing that was looked at."""

    what: str
    found: str
    good: bool
    advice: str = ""


def examine(context: Context, environ: Mapping[str, str]) -> list[Observation]:
    """Look at everything once; nothing that is wrong keeps the rest from being looked at."""
    looks: list[tuple[str, Callable[[], list[Observation]]]] = [
        ("versions", _look_at_versions),
        ("course", lambda: _look_at_course(context)),
        ("workspace", lambda: _look_at_workspace(context)),
        ("progress log", lambda: _look_at_progress(context)),
        ("names corpus", lambda: _look_at_corpus(context)),
        ("grading process", _look_at_engine),
        ("grading server", lambda: _look_at_server(context)),
    ]
    findings: list[Observation] = []
    told: set[str] = set()  # one broken file may keep several things from being looked at
    for what, look in looks:
        try:
            findings += look()
        except ContentError as error:
            findings.append(Observation(what, f"{len(error.problems)} problems, the first: {error.problems[0]}", False))
        except StudyError as error:
            if error.message not in told:
                findings.append(Observation(what, error.message, False, error.hint or ""))
            told.add(error.message)
    return findings


def _look_at_versions() -> list[Observation]:
    found = [Observation("python", f"{platform.python_version()} ({sys.executable})", sys.version_info >= (3, 11))]
    for package in ("study-grader", "torch", "pytest", "numpy"):
        try:
            found.append(Observation(package, version(package), True))
        except PackageNotFoundError:
            found.append(Observation(package, "not installed", False, "pip install -c constraints.txt study-grader"))
    return found


def _look_at_course(context: Context) -> list[Observation]:
    content = context.content
    found = f"{len(content.exercises)} exercises, {len(content.readings)} readings in {short_path(Path(content.root))}"
    findings = [Observation("course", found, True)]
    if content.left_out:
        number, (first, *_) = len(content.left_out), next(iter(content.left_out.values()))
        verb = "exercise is" if number == 1 else "exercises are"
        findings.append(Observation("course", f"{number} {verb} left out: {first}", False, "study lint"))
    return findings


def _look_at_workspace(context: Context) -> list[Observation]:
    workspace = context.workspace
    where = f"{short_path(workspace.root)} ({workspace.found_by})"
    if not workspace.exists():
        return [Observation("workspace", f"{where}, not made yet", True, "study init makes it")]
    return [Observation("workspace", where, True)]


def _look_at_progress(context: Context) -> list[Observation]:
    if not context.has_progress():
        return [Observation("progress log", "0 graded", True)]
    health = context.store.examine()
    found = f"{context.load_progress().attempts} graded, {health.events} records, each of them read"
    if health.newest_backup is not None:
        found += f"; newest backup: {health.newest_backup}"
    advice = "" if health.is_summed_right else "its sum is not the sum of its records: study doctor --repair"
    return [
        Observation("progress log", found, health.is_summed_right, advice),
        *(Observation("progress log", said, False, "study doctor --repair") for said in health.aside),
        *(
            [Observation("progress log", health.loss, False, "to start an empty log instead, delete the backups")]
            if health.loss
            else ()
        ),
        *([Observation("progress log", health.backup_trouble, False)] if health.backup_trouble else ()),
        *([Observation("progress log", "may not be written", False, health.refusal)] if health.refusal else ()),
    ]


def _look_at_corpus(context: Context) -> list[Observation]:
    from grader.corpus import describe_corpora

    found = []
    for status in describe_corpora(context.corpus_settings()):
        if status.problem:
            found.append(Observation("names corpus", f"{status.origin}: {status.problem}", False, "study data list"))
        if status.in_use:
            advice = "" if status.name == "names" else "study data fetch gets the names of the lectures"
            found.append(Observation("names corpus", f"{status.name} ({status.origin})", True, advice))
    return found


def _look_at_engine() -> list[Observation]:
    from grader.engine.client import probe

    report = probe()
    devices = ", ".join(report.devices)
    layers = [
        Observation(
            f"isolation: {name.replace('_', ' ')}",
            f"on: {layer.why}" if layer.on else "off",
            layer.on,
            "" if layer.on else layer.why,
        )
        for name, layer in report.isolation.items()
    ]
    return [Observation("grading process", f"starts in {report.elapsed_s:.1f} s; devices: {devices}", True), *layers]


def _look_at_server(context: Context) -> list[Observation]:
    from grader.cli.machine.server import find_obstacle
    from grader.engine.server import client

    obstacle = find_obstacle(context)
    if obstacle is not None:
        advice = f"{obstacle.command}   makes the second grade fast"
        return [Observation("grading server", f"none is used here: {obstacle.why}", obstacle.chosen, advice)]
    running = client.ask_all(client.STATUS)
    others = sum(not found["own"] for found in running)
    note = f"{others} more of yours: study server status" if others else ""
    if running and running[0]["own"]:
        text = f"running, {running[0]['memory_mib']} MiB, {running[0]['graded']} graded"
        return [Observation("grading server", text, True, note)]
    return [Observation("grading server", "not running", True, "it starts with the first grade at a terminal")]
