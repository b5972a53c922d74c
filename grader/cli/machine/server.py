"""`study server`: the process that makes the second grade fast, seen and ruled from the command line."""

import os
from typing import TYPE_CHECKING, Any

import click

from grader.cli.context import Desk
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

    desk = Desk(as_json=as_json)
    desk.settle_server()
    running = client.ask_all(client.STATUS)
    wanted = client.is_wanted()
    desk.show(
        lambda: Group(*(map(_describe, running) if running else [_describe_none(wanted)])),
        lambda: {"wanted": wanted, "servers": running},
    )


@server.command()
@json_option
def start(as_json: bool) -> int:
    """Start the server now, and wait until it is ready."""
    import time

    from grader.core.errors import GraderFault, UsageError
    from grader.engine.server import client
    from grader.engine.server.address import find_socket
    from grader.text.console import line

    desk = Desk(as_json=as_json)
    desk.settle_server()
    if not client.is_wanted():
        text = "no server is used here: this workspace, STUDY_SERVER or the system forbids it"
        raise UsageError(text, hint="study server on")
    if not client.start_in_background():
        text = "no server can be started: there is no safe folder for its socket"
        raise GraderFault(text, hint="set XDG_RUNTIME_DIR to a short path that is yours alone")
    path = find_socket()
    until_s = time.monotonic() + _START_PATIENCE_S
    while path is not None and time.monotonic() < until_s:
        if answers := client.ask(client.STATUS, path):
            desk.show(lambda: _describe(answers[0]), lambda: {"servers": answers})
            return 0
        time.sleep(0.05)
    desk.show(lambda: line("it does not answer yet; grading works without it, slower"), lambda: {"servers": []})
    return GraderFault.exit_code


@server.command()
@json_option
def stop(as_json: bool) -> int:
    """End the servers that run; a grade in progress is finished first."""
    from grader.core.errors import GraderFault
    from grader.engine.server import client
    from grader.text.console import line

    desk = Desk(as_json=as_json)
    asked = client.ask_all(client.STOP)
    gone = client.wait_until_gone(_STOP_PATIENCE_S)
    text = "none was running" if not asked else f"ended {len(asked)}" if gone else "asked; a grade is still running"
    desk.show(lambda: line(text), lambda: {"stopped": [answer["pid"] for answer in asked], "gone": gone})
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
    from grader.text.console import line

    desk = Desk(as_json=as_json)
    if desk.workspace.create():
        desk.say(f"made the workspace {desk.workspace.root} ({desk.workspace.found_by})")
    desk.workspace.save_settings(structs.replace(desk.workspace.load_settings(), server=on))
    if not on:
        client.ask_all(client.STOP)
    if client.SWITCH in os.environ:
        desk.say(f"{client.SWITCH}={os.environ[client.SWITCH]} is set and goes on deciding")
    text = "the grading server is used again" if on else "every grade starts torch anew from now on"
    desk.show(lambda: line(text), lambda: {"server": on})


def _describe(found: dict[str, Any]) -> "Text":
    from grader.text.console import line

    doing = f"{found['running']} grades running, {found['waiting']} waiting" if found["running"] else "idle"
    return line(
        ("running", "bold"),
        f"  process {found['pid']}, {found['memory_mib']} MiB, {found['graded']} graded, {doing}"
        f" for {found['idle_s']} s",
    )


def _describe_none(wanted: bool) -> "Text":
    from grader.text.console import line

    if wanted:
        return line("not running; the next grade starts torch, the one after it need not")
    return line("switched off; every grade starts torch anew\n", ("next: ", "bold"), ("study server on", "green"))
