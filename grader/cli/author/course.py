"""The commands for course packs: add, list, remove, new."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.context import Context, short_path
from grader.cli.groups import SuggestingGroup
from grader.cli.options import json_option
from grader.core.errors import UsageError

if TYPE_CHECKING:
    from grader.course import Content
    from grader.files.workspace import Settings

TRUST = (
    "Its YAML is data, but its Python (checks, reference) runs on this machine when its exercises are graded, the checks "
    "outside the sandbox and as you: add only packs of people you trust."
)


@click.group(cls=SuggestingGroup)
def course() -> None:
    """Courses beside the one that comes with study."""


@course.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--name", help="What it goes by; else the name of its folder.")
@json_option
def add(path: Path, name: str | None, as_json: bool) -> None:
    """Add the course in the folder PATH, if it can be used: its files are checked, and nothing of it is run.

    What `study lint` says of its texts is for its authors, and keeps it from nothing.
    """
    from msgspec.structs import replace

    from grader.core.errors import ContentError
    from grader.course.lint import find_unusable
    from grader.course.packs import Pack, check_name, load_pack
    from grader.files.workspace import AddedCourse
    from grader.text.console import line

    context = Context(as_json=as_json)
    root = resolve_folder(path)
    name = check_name(name) if name is not None else _make_name(root)
    settings = _without_gone(context.workspace.load_settings(), name)
    _refuse_double(context, settings, root, name)
    content = load_pack(Pack(name, str(root)), context.base_course, context.cache_dir)
    if unusable := [f"{root}/{problem}" for problem in find_unusable(root)]:
        raise ContentError(unusable, hint="correct these lines, then run it again")
    if context.workspace.create():
        context.say(f"made the workspace {context.workspace.root} ({context.workspace.found_by})")
    added = AddedCourse(name, str(root))
    context.workspace.save_settings(replace(settings, courses=(*settings.courses, added)))
    _tell_override(context)
    about = f"added {name}: {_count(_sizes(content))} in {short_path(root)}\n"
    data = {"name": name, "path": str(root)} | _sizes(content) | {"notice": TRUST}
    context.show(
        lambda: line(about, f"{TRUST}\n", ("next: ", "bold"), (f"study list --unit {name}", "green")), lambda: data
    )


def _without_gone(settings: "Settings", name: str) -> "Settings":
    """Return the settings without the course of that name, if its folder is gone: it is to be found elsewhere."""
    from msgspec.structs import replace

    left = tuple(known for known in settings.courses if known.name != name or os.path.lexists(known.path))
    return replace(settings, courses=left)


def resolve_folder(path: Path) -> Path:
    """Return a folder by its one absolute name, without links and `..`."""
    try:
        root = path.expanduser().resolve()
    except (OSError, RuntimeError, ValueError):  # a circle of links, a home of an unknown user, a zero character
        raise UsageError(f"{path} is not a folder", hint="name the folder that holds reading_list.yaml") from None
    if not root.is_dir():
        state = "is not a folder" if os.path.lexists(root) else "is not there"
        raise UsageError(f"{path} {state}", hint="name the folder that holds reading_list.yaml")
    try:
        str(root).encode()
    except UnicodeEncodeError:
        raise UsageError(f"the path {root} is not UTF-8, and cannot be kept", hint="rename the folder") from None
    return root


def _make_name(root: Path) -> str:
    from grader.course.packs import check_name

    name = re.sub(r"[^a-z0-9]", "", root.name.lower()).lstrip("0123456789")[:20]
    if not name:
        text = f"no name can be made of `{root.name}`: names are small letters and digits, the first a letter"
        raise UsageError(text, hint="study course add PATH --name NAME")
    return check_name(name)


def _refuse_double(context: Context, settings: "Settings", root: Path, name: str) -> None:
    if str(root) == context.base_course.root:
        raise UsageError(f"{short_path(root)} is the course that study uses already", hint="study list")
    for known in settings.courses:
        if known.path == str(root):
            hint = f"study course remove {known.name}   gives it up"
            raise UsageError(f"{short_path(root)} is added already, as `{known.name}`", hint=hint)
    for pack in context.packs:
        if name == pack.name and (pack.package or pack.name in {known.name for known in settings.courses}):
            where = f"comes with the package {pack.package}" if pack.package else f"is in {short_path(Path(pack.path))}"
            text = f"there is a course `{name}` already: it {where}"
            raise UsageError(text, hint=f"study course add {short_path(root)} --name NAME")


@course.command("list")
@json_option
def list_courses(as_json: bool) -> None:
    """List the courses, where they are, and what is wrong with those that are left out."""
    from rich.console import Group

    from grader.text.console import line

    context = Context(as_json=as_json)
    rows = _describe(context)
    lines = []
    for row in rows:
        good = not row["problems"]
        mark = ("✓ ", "green") if good else ("✗ ", "yellow")
        size = _count(row) if good else "left out"
        where = short_path(Path(row["path"])) if row["path"] else ""
        brought = f"  (package {row['package']})" if row["package"] else ""
        shown = row["name"] or "main course"
        lines.append(line(mark, (f"{shown:<20} ", "bold"), f"{size:<30} ", f"{where}{brought}".replace("\n", "\\n")))
        lines += [line(f"    {problem}") for problem in row["problems"]]
    _tell_override(context)
    context.show(lambda: Group(*lines), lambda: {"courses": rows})


def _describe(context: Context) -> list[dict[str, Any]]:
    from grader.course.packs import join_courses

    main = context.base_course
    empty: dict[str, Any] = {"name": None, "package": None, "exercises": None, "readings": None, "problems": []}
    rows = [empty | {"path": main.root} | _sizes(main)]
    packs = context.packs
    content, left_out = join_courses(main, packs, context.cache_dir)
    problems = {id(one.pack): list(one.problems) for one in left_out}
    for pack in packs:
        row = empty | {"name": pack.name, "path": pack.path, "package": pack.package}
        if id(pack) in problems:
            rows.append(row | {"problems": problems[id(pack)]})
            continue
        sizes = {
            "exercises": sum(
                name.startswith(f"{pack.name}_") for name in content.exercises if name not in main.exercises
            ),
            "readings": sum(name.startswith(f"{pack.name}-") for name in content.readings if name not in main.readings),
        }
        rows.append(row | sizes)
    return rows


@course.command()
@click.argument("name")
@json_option
def remove(name: str, as_json: bool) -> None:
    """Give up a course that was added; your files and progress of it are kept."""
    from msgspec.structs import replace

    from grader.text.console import line

    context = Context(as_json=as_json)
    settings = context.workspace.load_settings()
    left = tuple(known for known in settings.courses if known.name != name)
    if left == settings.courses:
        brought = next((pack.package for pack in context.packs if pack.name == name and pack.package), None)
        if brought is not None:
            raise UsageError(f"`{name}` comes with the package {brought}", hint=f"pip uninstall {brought}")
        raise UsageError(f"no course `{name}` has been added", hint="study course list")
    context.workspace.save_settings(replace(settings, courses=left))
    path = next(known.path for known in settings.courses if known.name == name)
    context.show(
        lambda: line(f"removed {name}; its folder, your files and your progress are as they were"),
        lambda: {"name": name, "path": path},
    )


@course.command("new")
@click.argument("path", type=click.Path(path_type=Path))
@json_option
def new_course(path: Path, as_json: bool) -> None:
    """Write a small course into the empty folder PATH, to be changed."""
    from grader.course.template import write_course_skeleton
    from grader.text.console import line

    context = Context(as_json=as_json)
    folder = path.absolute()
    write_course_skeleton(folder)
    shown = short_path(folder)
    context.show(
        lambda: line(f"wrote {shown}\n", ("next: ", "bold"), (f"study new ID --course {shown}", "green")),
        lambda: {"path": str(folder)},
    )


def _sizes(content: "Content") -> dict[str, int]:
    return {"exercises": len(content.exercises), "readings": len(content.readings)}


def _count(sizes: Mapping[str, int]) -> str:
    from grader.view.next_step import count

    return f"{count(sizes['exercises'], 'exercise')}, {count(sizes['readings'], 'reading')}"


def _tell_override(context: Context) -> None:
    if context.course.found_by == "STUDY_COURSE":  # a course around this folder says so itself
        context.say("STUDY_COURSE is set: as long as it is, its course alone is used")
