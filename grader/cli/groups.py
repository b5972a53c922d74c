"""Groups of commands that suggest the nearest where a word is no command."""

import difflib
from typing import Any

import click

from grader.core.errors import UsageError


class SuggestingGroup(click.Group):
    """A group that names the nearest command for a word that is none."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error in its options is told with its own help, for click names none there."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            name = ctx.invoked_subcommand
            command = self.get_command(ctx, name) if name else None
            if error.ctx is None and command is not None:
                error.ctx = click.Context(command, info_name=name, parent=ctx)
            raise

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is typed.

        Raises:
            UsageError: If there is none; the hint is the nearest, to be typed.
        """
        typed, commands = args[0], self.list_commands(ctx)
        if typed in commands or typed.startswith("-"):
            return super().resolve_command(ctx, args)
        if typed == "version" and "--version" in {name for option in ctx.command.params for name in option.opts}:
            raise UsageError(f"there is no command `{ctx.command_path} version`", hint=f"{ctx.command_path} --version")
        near = difflib.get_close_matches(typed, commands, 1, 0.5)
        hint = f"{ctx.command_path} {' '.join([near[0], *args[1:]])}" if near else f"{ctx.command_path} --help"
        raise UsageError(f"there is no command `{ctx.command_path} {typed}`", hint=hint)
