"""The way a Markdown reading list takes: read, matched, shown, and written once that is agreed to."""

import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct

from grader.cli.context import Context, short_path
from grader.core.errors import ImportUnusable, UsageError

if TYPE_CHECKING:
    from grader.core.models import Reading
    from grader.readings.import_plan import ImportPlan
    from grader.readings.markdown import Parsed
    from grader.readings.writing import Draft

#: The folder in the workspace for readings of one's own, and what that course goes by.
OWN_FOLDER, OWN_NAME = "my_readings", "myreadings"


class Target(Struct, frozen=True):
    """The course that new readings are written into.

    `prefix` comes before its ids; `records` tells whether states can be recorded under these, and `register` is the
    name it is still to be added by.
    """

    root: Path
    prefix: str
    records: bool
    register: str | None


def import_readings(context: Context, file: Path, data: bytes, course: Path | None, *, yes: bool, dry_run: bool) -> int:
    """Import a reading list; returns the exit code."""
    from grader.readings.import_plan import plan_import
    from grader.readings.markdown import decode_markdown, parse_markdown
    from grader.readings.writing import check_draft, draft_import
    from grader.view.readings import diff_draft, render_plan

    parsed = parse_markdown(decode_markdown(data, str(file)), str(file))
    _check_holds_readings(parsed, file)
    target = _find_target(context, course)
    own = _load_own(target)
    known = _join(context, target, own)
    plan = plan_import(parsed, known, own, context.load_progress(), target.prefix)
    draft = draft_import(target.root, plan.new) if plan.new else None
    if draft is not None:
        check_draft(draft)
    states = {name: state for name, state in plan.states.items() if target.records or not _is_in(name, target)}
    diff = diff_draft(draft, short_path(target.root)) if draft else ""
    told = _tell(file, target, plan, states, diff)
    again = shlex.join(["study", "import", str(file), *(["--course", str(course)] if course else [])])
    if not context.as_json:
        context.show(lambda: render_plan(plan, diff, recorded=frozenset(states)), lambda: None)
    if len(states) < len(plan.states):
        context.say(
            f"no state is recorded of the new readings: {short_path(target.root)} is not a course that you have added"
        )
    written, code = False, 0
    if draft is None and not states:
        context.say("nothing to do: no reading is new, and no state changes")
    elif dry_run:
        context.say("nothing was written, because of --dry-run")
    elif yes or _ask(context):
        _write(context, target, draft, states)
        written = True
    elif context.as_json or not sys.stdin.isatty():
        code = UsageError.exit_code
        if not context.as_json:
            raise UsageError(
                "nothing was written, because there is no terminal to confirm it at", hint=f"{again} --yes"
            )
        told["hint"] = f"{again} --yes"
    else:
        context.say("nothing was written")
    if context.as_json:
        context.show(lambda: "", lambda: told | {"written": written})
    elif written:
        _say_written(context, target, plan, states)
    return code


def _check_holds_readings(parsed: "Parsed", file: Path) -> None:
    """Refuse a text in which nothing is a reading: it is probably another file than was meant.

    Raises:
        ImportUnusable: If so, with what was left out.
    """
    if parsed.entries:
        return
    left_out = "".join(f"; left out: line {number}, {what}" for number, what in parsed.left_out[:3])
    raise ImportUnusable(
        f"{file} holds no reading{left_out}",
        hint="write each as a list item, - [title](address), or as a line with one link",
    )


def _find_target(context: Context, course: Path | None) -> Target:
    from grader.cli.author.course import resolve_folder
    from grader.course.content import READING_LIST

    packs = {pack.path: pack.name for pack in context.packs}
    if course is None:
        root = Path(os.path.realpath(context.workspace.root)) / OWN_FOLDER
        if root.exists() and not (root / READING_LIST).is_file():
            raise UsageError(
                f"{root} is there, and is not a course: it has no {READING_LIST}",
                hint="rename that folder, or name another course: study import FILE --course PATH",
            )
        taken = set(packs.values())
        name = packs.get(str(root))
        free = next(n for k in range(1, len(taken) + 2) if (n := OWN_NAME + (str(k) if k > 1 else "")) not in taken)
        return Target(root, f"{name or free}-", True, None if name else free)
    root = resolve_folder(course)
    if not (root / READING_LIST).is_file():
        raise UsageError(f"{course} holds no {READING_LIST}", hint=f"study course new {course}   writes a small course")
    if str(root) == context.main_course.root:
        return Target(root, "", True, None)
    if str(root) in packs:
        return Target(root, f"{packs[str(root)]}-", True, None)
    return Target(root, f"{root.name}/", False, None)


def _load_own(target: Target) -> "Mapping[str, Reading]":
    """Load the readings of the course that is written to; every problem it has is told before anything else."""
    from grader.course import load_content

    return load_content(target.root).readings if target.root.exists() else {}


def _join(context: Context, target: Target, own: "Mapping[str, Reading]") -> "dict[str, Reading]":
    """Return all readings that are known; those that a copy of the course shares with it are known once."""
    known = dict(context.content.readings.items())
    return known | {target.prefix + name: reading for name, reading in own.items() if known.get(name) != reading}


def _is_in(name: str, target: Target) -> bool:
    return name.startswith(target.prefix)


def _ask(context: Context) -> bool:
    return not context.as_json and sys.stdin.isatty() and click.confirm("write this?", err=True)


def _write(context: Context, target: Target, draft: "Draft | None", states: Mapping[str, Any]) -> None:
    from msgspec.structs import replace

    from grader.files.workspace import AddedCourse
    from grader.readings.writing import write_draft

    store = (
        context.store
    )  # makes the workspace, in which the course may lie; and a log that cannot be opened is told first
    if draft is not None:
        write_draft(draft)
        if target.register is not None:
            settings = context.workspace.load_settings()
            added = AddedCourse(target.register, str(target.root))
            context.workspace.save_settings(replace(settings, courses=(*settings.courses, added)))
    for name, state in states.items():
        store.record_reading(name, state=state)


def _say_written(context: Context, target: Target, plan: "ImportPlan", states: Mapping[str, str]) -> None:
    from grader.view.next_step import count

    parts = [f"{count(len(plan.new), 'reading')} added to {short_path(target.root)}"] if plan.new else []
    parts += [f"{count(len(states), 'state')} recorded"] if states else []
    context.say(f"wrote: {', '.join(parts)}")
    if target.register is not None and plan.new and context.course.found_by == "STUDY_COURSE":
        context.say("STUDY_COURSE is set: as long as it is, its course alone is used")
    context.say("next: study list --readings")


def _tell(file: Path, target: Target, plan: "ImportPlan", states: Mapping[str, str], diff: str) -> dict[str, Any]:
    from msgspec import to_builtins

    return {
        "file": str(file),
        "course": str(target.root),
        "entries": [to_builtins(row) for row in plan.rows],
        "left_out": [{"line": number, "what": what} for number, what in plan.left_out],
        "new": [to_builtins(reading) for _, reading in plan.new],
        "states": dict(states),
        "diff": diff,
    }
