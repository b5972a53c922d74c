"""The command `completion`, and the answers the scripts it prints ask for between two keys."""

import sys
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

import click

from grader.cli.machine.completion_scripts import HINTS, SCRIPTS

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from grader.cli.context import Context


@click.command()
@click.argument("shell", type=click.Choice(list(SCRIPTS)))
def completion(shell: str) -> None:
    """Print the script that lets a shell complete commands, options and ids.

    \b
    bash   eval "$(study completion bash)"      in ~/.bashrc
    zsh    eval "$(study completion zsh)"       in ~/.zshrc, after compinit
    fish   study completion fish > ~/.config/fish/completions/study.fish
    """
    click.echo(SCRIPTS[shell], nl=False)
    if sys.stdout.isatty():
        print(f"next: {HINTS[shell]}", file=sys.stderr)


def answer(study: click.Group, words: list[str]) -> int:
    """Print the completions of the last of the words behind `study`, one a line: kind, value and help, by tabs."""
    try:
        found = list(_complete(study, words))
    except Exception:  # a broken course, say: nothing may be printed into the line that is typed; the command tells
        return 1
    for item in found:
        about = " ".join((item.help or "").split())
        print(f"{item.type}\t{item.value}\t{about}")
    return 0


def _complete(study: click.Group, words: list[str]) -> "Iterable[CompletionItem[str]]":
    from click.shell_completion import ShellComplete

    # Bash takes `--format=json` for three words.
    typed = [word for word in words[:-1] if word != "="]
    incomplete = words[-1] if words and words[-1] != "=" else ""
    study.shell_complete = partial(_complete_command, study)  # type: ignore[method-assign]
    _teach_ids(study, typed)
    return ShellComplete(study, {}, "study", "").get_completions(typed, incomplete)


def _complete_command(study: click.Group, click_context: click.Context, incomplete: str) -> "list[CompletionItem[str]]":
    """Complete the name of a command without importing every one of them for its help."""
    from click.shell_completion import CompletionItem

    named = [CompletionItem(name) for name in study.list_commands(click_context) if name.startswith(incomplete)]
    return [*named, *click.Command.shell_complete(study, click_context, incomplete)]


def _teach_ids(study: click.Group, typed: list[str]) -> None:
    """Let the parameters of the command that was typed complete what the course and the workspace know."""
    path = []
    command: click.Command = study
    for word in typed:
        if isinstance(command, click.Group) and (found := command.get_command(click.Context(command), word)):
            command = found
            path.append(word)
    for parameter in command.params:
        if (
            list_known := _SOURCES.get((*path, parameter.name or "")) or _SOURCES.get((parameter.name or "",))
        ) and path[:1] != ["new"]:
            parameter.shell_complete = partial(_complete_known, list_known)  # type: ignore[method-assign]


def _complete_known(
    list_known: "Callable[[Context], Iterable[str]]", click_context: click.Context, incomplete: str
) -> "list[CompletionItem[str]]":
    """Complete by the beginning; where no id begins so, by those that hold what was typed, as commands take them."""
    from click.shell_completion import CompletionItem

    from grader.cli.context import Context

    known = list(list_known(Context()))
    found = [name for name in known if name.startswith(incomplete)]
    return [CompletionItem(name) for name in found or [name for name in known if incomplete in name]]


def _exercises(context: "Context") -> Iterable[str]:
    return context.content.exercises


def _readings(context: "Context") -> Iterable[str]:
    return context.content.readings


def _units(context: "Context") -> Iterable[str]:
    return (unit.id for unit in context.content.units)


def _added_courses(context: "Context") -> Iterable[str]:
    return (course.name for course in context.workspace.load_settings().courses)


#: Name of a parameter, of any command or of that one, -> what it takes.
_SOURCES: "dict[tuple[str, ...], Callable[[Context], Iterable[str]]]" = {
    ("exercise_id",): _exercises,
    ("exercise_ids",): _exercises,
    ("reading_id",): _readings,
    ("unit",): _units,
    ("course", "remove", "name"): _added_courses,
}
