"""`study server`: the process that makes the second grade fast, seen and ruled from the command line."""

import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from grader.cli.context import Context
from grader.cli.groups import SuggestingGroup
from grader.cli.options import json_option

if TYPE_CHECKING:
    from rich.text import Text

#: Running grades are finished first; no honest one takes longer.
_STOP_PATIENCE_S = 60.0
_START_PATIENCE_S = 60.0


@click.group(cls=SuggestingGroup)
def server() -> None:
    """The grading server: keeps torch loaded, so that grading again takes a moment."""


@server.command()
@json_option
def status(as_json: bool) -> None:
    """Show the servers that run, and what they cost."""
    from rich.console import Group

    from grader.engine.server import client

    context = Context(as_json=as_json)
    obstacle = find_obstacle(context)
    running = client.ask_all(client.STATUS)
    used = [found["own"] and obstacle is None for found in running]
    none = [] if any(used) else [_describe_none(obstacle)]
    context.show(
        lambda: Group(*none, *map(_describe, running, used)),
        lambda: {"wanted": obstacle is None, "servers": running},
    )


class Obstacle(NamedTuple):
    """Why no server can be used here, what to type about it, and whether that was chosen."""

    why: str
    command: str
    chosen: bool


def find_obstacle(context: Context) -> Obstacle | None:
    """Return what keeps a server from being used here, if anything does.

    Raises:
        UsageError: If a variable for the server cannot be used.
    """
    from grader.engine.server.address import explain_no_folder, find_folder
    from grader.engine.server.settings import SWITCH, is_switched_on

    if not is_switched_on():
        return Obstacle(f"{SWITCH}={os.environ[SWITCH]} forbids it", f"unset {SWITCH}; study server start", True)
    if sys.platform != "linux":
        return Obstacle("it needs Linux", "study grade   works without it, slower", True)
    context.settle_server()
    if not is_switched_on():
        return Obstacle(f"it is switched off in the workspace {context.workspace.root}", "study server on", True)
    if find_folder() is None:
        why, command = explain_no_folder()
        return Obstacle(f"there is no safe folder for its socket: {why}", command, False)
    return None


@server.command()
@json_option
def start(as_json: bool) -> int:
    """Start the server now, and wait until it is ready."""
    import time

    from grader.core.errors import GraderFault, UsageError
    from grader.engine.server import client
    from grader.text.console import line

    context = Context(as_json=as_json)
    if (obstacle := find_obstacle(context)) is not None:
        raise UsageError(f"no server can be started: {obstacle.why}", hint=obstacle.command)
    if not client.start_in_background():
        raise GraderFault("no server can be started: there is no room for one more process", hint="study server start")
    until_s = time.monotonic() + _START_PATIENCE_S
    while time.monotonic() < until_s:
        if answers := client.ask_all(client.STATUS, others=False):
            context.show(lambda: _describe(answers[0], used=True), lambda: {"servers": answers})
            return 0
        time.sleep(0.05)
    context.show(lambda: line("it does not answer yet; grading works without it, slower"), lambda: {"servers": []})
    return GraderFault.exit_code


@server.command()
@click.option("--all", "others_too", is_flag=True, help="Also those of your other installs and environments.")
@json_option
def stop(others_too: bool, as_json: bool) -> int:
    """End the server that grades here; a grade in progress is finished first."""
    from grader.core.errors import GraderFault
    from grader.engine.server import client

    context = Context(as_json=as_json)
    asked = client.ask_all(client.STOP, others=others_too)
    pids = {answer["pid"] for answer in asked}
    gone = client.wait_until_gone(_STOP_PATIENCE_S, pids)
    left = [answer for answer in client.ask_all(client.STATUS) if answer["pid"] not in pids]
    context.show(
        lambda: _describe_stopped(asked, left, gone=gone),
        lambda: {"stopped": [answer["pid"] for answer in asked], "left": left, "gone": gone},
    )
    return 0 if gone else GraderFault.exit_code


@server.command("off")
@json_option
def switch_off(as_json: bool) -> None:
    """Use no server in this workspace from now on."""
    _switch(as_json, on=False)


@server.command("on")
@json_option
def switch_on(as_json: bool) -> None:
    """Use a server in this workspace again."""
    _switch(as_json, on=True)


def _switch(as_json: bool, *, on: bool) -> None:
    from msgspec import structs

    from grader.engine.server import client
    from grader.engine.server.settings import SWITCH
    from grader.text.console import line

    context = Context(as_json=as_json)
    if context.workspace.create():
        context.say(f"made the workspace {context.workspace.root} ({context.workspace.found_by})")
    context.workspace.save_settings(structs.replace(context.workspace.load_settings(), server=on))
    if not on:
        client.ask_all(client.STOP, others=False)
    if SWITCH in os.environ:
        context.say(f"{SWITCH}={os.environ[SWITCH]} is set and goes on deciding")
    text = "the grading server is used again" if on else "every grade loads torch from now on"
    context.show(lambda: line(text), lambda: {"server": on})


def _describe(found: dict[str, Any], used: bool) -> "Text":
    from grader.text.console import line

    doing = f"{found['running']} grades running, {found['waiting']} waiting" if found["running"] else "idle"
    text = f"  process {found['pid']}, {found['memory_mib']} MiB, {found['graded']} graded, {doing} for {found['idle_s']} s"
    return line(("running" if used else "other  ", "bold"), text + ("" if used else _whose(found)))


def _describe_none(obstacle: Obstacle | None) -> "Text":
    from grader.text.console import line

    if obstacle is None:
        return line("not running; the next grade starts torch, the one after it need not")
    return line(f"no server is used here: {obstacle.why}\n", ("next: ", "bold"), (obstacle.command, "green"))


def _describe_stopped(asked: list[dict[str, Any]], left: list[dict[str, Any]], *, gone: bool) -> "Text":
    from rich.text import Text

    from grader.text.console import line

    done = "ended  " if gone else "asked  "
    rows = [line((done, "bold"), f"  process {one['pid']}{'' if one['own'] else _whose(one)}") for one in asked]
    if not gone:
        rows.append(line("a grade is still running; the server ends after it"))
    if not any(one["own"] for one in asked):
        rows.insert(0, line("none was running here" if asked or left else "none was running"))
    rows += [line(("left   ", "bold"), f"  process {one['pid']}{_whose(one)}") for one in left]
    if left:
        rows.append(line(("next: ", "bold"), ("study server stop --all", "green"), "   ends these too"))
    return Text("\n").join(rows)


def _whose(found: dict[str, Any]) -> str:
    """Tell a server of the user's from another by what it was started from."""
    from grader.core.package import PACKAGE

    python, package = found.get("python", "?"), found.get("package", "?")
    if python != sys.prefix:
        why = f"of another Python, {python}"
    elif package != str(PACKAGE):
        why = f"of another install, {package}"
    elif found["own"]:
        why = "which other workspaces use"
    else:
        why = "for another environment or version"
    return f", {why}, started in {found.get('started_in', '?')}"
