"""The entry point: the group of commands, and the one place where an error becomes a message and a code."""

import errno
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from itertools import pairwise
from types import FrameType
from typing import Any, NoReturn

import click

from grader.cli.groups import SuggestingGroup
from grader.cli.interrupts import StoppedLate
from grader.core.errors import EXIT_INTERRUPTED, ContentError, GraderFault, StudyError, UsageError
from grader.text.glyphs import speak_plainly

#: Where each command is, and its first sentence, in the order a learner meets them. Only the one that is typed is
#: imported, and for the list of all of them none.
COMMANDS = {
    "next": ("exercise.next:next_step", "Say what to read and solve now, and why."),
    "start": ("exercise.start:start", "Put an exercise's file into the workspace."),
    "grade": ("grade.grade:grade", "Run the hidden checks on your file."),
    "watch": ("grade.watch:watch", "Grade your file now and on every save, until it passes."),
    "hint": ("exercise.hint:hint", "Show the next hint; the ones before stay visible."),
    "show": ("exercise.show:show", "Show what an exercise asks for."),
    "reset": ("exercise.reset:reset", "Put the untouched stub back; your file is kept as a backup."),
    "solution": ("exercise.solution:solution", "Show our solution: after a pass, or with --give-up."),
    "answer": (
        "exercise.answer:answer",
        "Answer an open question of an exercise you have solved, then see what a good answer says.",
    ),
    "review": ("review.review:review", "Solve again what is due, from a fresh stub."),
    "progress": ("progress.progress:progress", "Show how far you are."),
    "list": ("progress.list:list_exercises", "List the exercises, or the readings."),
    "read": ("reading.read:read", "Show a reading, and keep how far you are with it; or search the readings."),
    "import": (
        "progress.import_:import_file",
        "Take over FILE: a Markdown reading list, or progress that `study export` has written.",
    ),
    "export": (
        "progress.export:export",
        "Write all of your progress into one file, to merge on another machine: study import FILE.",
    ),
    "init": ("machine.init:init", "Make a workspace: in FOLDER, else where STUDY_HOME says, else in ~/study."),
    "data": ("machine.data:data", "The names corpus that some exercises train on."),
    "doctor": (
        "machine.doctor:doctor",
        "Check this machine: versions, devices, workspace, corpus, and what isolates your code.",
    ),
    "server": (
        "machine.server:server",
        "The grading server: keeps torch loaded, so that grading again takes a moment.",
    ),
    "new": ("author.new:new", "Write a new exercise into your course: small, complete, and to be changed."),
    "schema": (
        "author.schema:schema",
        "Print the JSON Schema of a kind of YAML file, for editors that complete and check.",
    ),
    "course": ("author.course:course", "Courses beside the one that comes with study."),
    "lint": ("author.lint:lint", "Report every static problem of the files and folders PATHS."),
    "verify": (
        "author.verify:verify",
        "Prove exercises: the checks reject the stub and every mistake, and accept every right answer.",
    ),
    "completion": (
        "machine.completion:completion",
        "Print the script that lets a shell complete commands, options and ids.",
    ),
}


class LazyGroup(SuggestingGroup):
    """Imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(f"grader.cli.{module}"), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of all commands, as click does it, without importing them."""
        limit = formatter.width - 6 - max(map(len, COMMANDS))
        with formatter.section("Commands"):
            formatter.write_dl(
                [
                    (name, click.Command(name, help=said).get_short_help_str(limit))
                    for name, (_, said) in COMMANDS.items()
                ]
            )


def _show_version(context: click.Context, parameter: click.Parameter, asked: bool) -> None:
    if asked:
        from importlib.metadata import PackageNotFoundError, version  # 25 ms that only this option needs

        try:
            click.echo(f"study {version('study-grader')}")
        except PackageNotFoundError:
            click.echo("study, run from a checkout that is not installed")
        context.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show the version."
)
def study() -> None:
    """Learn deep learning by solving graded exercises.

    \b
    study next                         what to read and solve now
    study start ID                     get the file to fill in
    study grade                        grade it, and be told why
    study progress                     how far you are
    """


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run `study`: 0 solved or done, 1 not solved, 2 usage, 3 course invalid, 4 our own fault."""
    arguments = sys.argv[1:] if arguments is None else arguments
    # What was started without them (>&-) has none, and the next file to be opened would take their place.
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115 - open until the end, as what it replaces
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        speak_plainly(stream, os.environ)  # a terminal that lacks a character shows another instead of ending us
    signal.signal(signal.SIGTERM, _stop_in_order)
    if "_STUDY_COMPLETE" in os.environ:  # asked by a shell, between two keys
        from grader.cli.machine.completion import answer

        sys.exit(answer(study, arguments))
    # `--json` decides how even an error is shown, and an error may come before the option is parsed.
    sys.exit(_run(arguments, as_json=_asks_for_json(arguments)))


def _asks_for_json(arguments: list[str]) -> bool:
    in_two = ("--format", "json") in pairwise(arguments)
    return in_two or "--json" in arguments or "--format=json" in arguments


def _stop_in_order(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _run(arguments: list[str], *, as_json: bool) -> int:
    def invoke() -> int:
        # Not `study.main`: it turns a closed pipe into exit code 1, which means "not solved" here.
        with study.make_context("study", arguments or ["--help"]) as context:
            code = study.invoke(context)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0

    return explain_errors(invoke, as_json=as_json)


def explain_errors(action: Callable[[], int], *, as_json: bool) -> int:
    """Do something, and turn whatever it raises into a message and an exit code."""
    try:
        return action()
    except click.exceptions.Exit as done:
        sys.stdout.flush()
        return done.exit_code
    except click.ClickException as error:
        _show(error.format_message(), _usage_hint(error), 2, as_json=as_json)
        return 2
    except StudyError as error:
        _show(error.message, error.hint, error.exit_code, as_json=as_json, problems=getattr(error, "problems", None))
        return error.exit_code
    except StoppedLate:
        _show("stopped; the attempt is counted", "study progress", EXIT_INTERRUPTED, as_json=as_json)
        return EXIT_INTERRUPTED
    except (KeyboardInterrupt, click.Abort):
        _show("stopped; your files are unchanged, and no attempt was counted", None, EXIT_INTERRUPTED, as_json=as_json)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output (head, less) has had enough; Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _explain_system_error(error, as_json=as_json)
    except Exception as error:
        return _admit_fault(error, as_json=as_json)


def _explain_system_error(error: OSError, *, as_json: bool) -> int:
    """Explain what is neither the command's fault nor ours: a folder that is gone, a disk that is full."""
    if isinstance(error, FileNotFoundError) and _is_folder_gone():
        text, hint = "the folder you are in is gone: it was deleted or replaced", "cd ~"
    elif not _can_print() or error.errno in (errno.ENOSPC, errno.EDQUOT):
        text = f"cannot write{f' {error.filename}' if error.filename else ''}: {error.strerror}"
        hint = "free some space, or write the output to another place"
    else:
        return _admit_fault(error, as_json=as_json)
    _show(text, hint, UsageError.exit_code, as_json=as_json)
    return UsageError.exit_code


def _is_folder_gone() -> bool:
    try:
        os.getcwd()
    except FileNotFoundError:
        return True
    return False


def _can_print() -> bool:
    """Tell whether standard output takes what waits for it."""
    try:
        sys.stdout.flush()
    except OSError:
        return False
    return True


def _usage_hint(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f"{context.command_path if context else 'study'} --help"


def _admit_fault(error: Exception, *, as_json: bool) -> int:
    """Say that we are at fault, and keep the details where they can be sent from."""
    import traceback

    details = "".join(traceback.format_exception(error))
    try:
        from grader.files.cache import find_cache_dir

        file = find_cache_dir() / "last-fault.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(details)
        hint = f"send {file} to the maintainer of your course; your files are unchanged"
    except OSError:
        hint = f"send this to the maintainer of your course:\n{details}"
    _show(f"a fault of study itself: {type(error).__name__}: {error}", hint, GraderFault.exit_code, as_json=as_json)
    return GraderFault.exit_code


def _show(message: str, hint: str | None, exit_code: int, *, as_json: bool, problems: list[str] | None = None) -> None:
    from grader.text.columns import columns_of, fold
    from grader.text.printable import clean

    if as_json:
        import json

        report: dict[str, Any] = {"error": message, "hint": hint, "exit_code": exit_code}
        if problems is not None:
            report["problems"] = problems
        with suppress(OSError):  # where nothing can be printed, the exit code has to do
            print(json.dumps(report))
            sys.stdout.flush()
            return
    kind = "course" if exit_code == ContentError.exit_code else "study"
    width = columns_of(sys.stderr)
    if problems is None:
        rows = [fold(f"{kind}: {clean(message)}", width)]
    else:
        rows = [*map(clean, problems), f"{kind}: {len(problems)} problem{'s' if len(problems) != 1 else ''}"]
    rows += [fold(f"next: {clean(hint)}", width)] if hint else []
    with suppress(OSError):  # where nothing can be printed, the exit code has to do
        print("\n".join(rows), file=sys.stderr)
