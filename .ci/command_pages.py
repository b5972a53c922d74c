"""Writes docs/commands.md of the site from the help of every command, so that the two cannot differ."""

import inspect
from collections.abc import Iterator

import click
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from grader.cli.main import study

PAGE = "commands.md"
_HEAD = """# Commands

`study COMMAND --help` prints what stands here. A command that has a result takes `--json`. Exit codes: 0 solved or done,
1 not solved, 2 usage, 3 invalid course, 4 a fault of study itself.
"""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the page to those that lie in docs/."""
    files.append(File.generated(config, PAGE, content=write_page()))
    return files


def write_page() -> str:
    """Write the page: a section per command, in the order in which a learner meets them."""
    return "\n".join([_HEAD, *_sections(study, click.Context(study, info_name="study"))])


def _sections(group: click.Group, context: click.Context) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        inner = click.Context(command, info_name=name, parent=context, terminal_width=100, max_content_width=100)
        depth = "#" * (2 if context.parent is None else 3)
        yield f"{depth} {inner.command_path}\n\n{_summary(command)}\n\n```text\n{command.get_help(inner)}\n```\n"
        if isinstance(command, click.Group):
            yield from _sections(command, inner)


def _summary(command: click.Command) -> str:
    text = inspect.cleandoc(command.help or "")
    return text.split("\n\n")[0].replace("\n", " ")
