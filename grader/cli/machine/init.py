"""`study init`: make a workspace."""

from pathlib import Path

import click

from grader.cli.context import Context, short_path
from grader.cli.options import json_option


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
@click.option("--vscode", is_flag=True, help="Also write .vscode/tasks.json: grade, watch, next.")
@json_option
def init(folder: Path | None, vscode: bool, as_json: bool) -> None:
    """Make a workspace: in FOLDER, else where STUDY_HOME says, else in ~/study."""
    from rich.console import Group

    from grader.files.workspace import Workspace
    from grader.text.console import line

    context = Context(as_json=as_json)
    workspace = Workspace(folder.absolute(), "named by you") if folder else context.workspace
    new = workspace.create()
    text = "made the workspace" if new else "the workspace is there already:"
    tasks = None
    if vscode:
        from grader.cli.machine.vscode import TasksFile, find_command

        tasks = TasksFile(workspace, find_command())
    context.show(
        lambda: Group(
            line(f"{text} {short_path(workspace.root)}"),
            *([tasks.render()] if tasks else []),
            line(("next: ", "bold"), ("study next", "green")),
        ),
        lambda: {"workspace": str(workspace.root), "new": new} | ({"vscode": tasks.to_data()} if tasks else {}),
    )
