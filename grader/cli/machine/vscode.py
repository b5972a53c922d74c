"""What `study init --vscode` writes: the tasks of VS Code that grade, watch and say what is next."""

import json
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.cli.context import short_path
from grader.core.errors import WorkspaceError
from grader.files.regular import open_regular
from grader.files.workspace import write_new

if TYPE_CHECKING:
    from rich.console import RenderableType

    from grader.files.workspace import Workspace

#: More of an existing file is not looked through.
MAX_TASKS_BYTES = 2**20
#: Reads the lines of `study grade --format problems`.
PROBLEM_MATCHER = {
    "owner": "study",
    "source": "study",
    "severity": "error",
    "fileLocation": ["autodetect", "${workspaceFolder}"],
    "pattern": {"regexp": r"^(.+?):(\d+):(\d+): (.*)$", "file": 1, "line": 2, "column": 3, "message": 4},
}


def make_tasks(command: list[str]) -> list[dict[str, Any]]:
    """Make the tasks.

    Args:
        command: What starts study: a program, and arguments that come first.
    """

    def task(label: str, arguments: list[str], **more: Any) -> dict[str, Any]:
        program, *first = command
        begun: dict[str, Any] = {"label": label, "type": "process", "command": program}
        return begun | {"args": [*first, *arguments], "options": {"cwd": "${workspaceFolder}"}} | more

    shown = {"reveal": "always", "panel": "dedicated", "clear": True}
    current = "${fileBasenameNoExtension}"
    return [
        task(
            "study: grade this file",
            ["grade", current, "--format", "problems"],
            group={"kind": "test", "isDefault": True},
            presentation=shown,
            problemMatcher=PROBLEM_MATCHER,
        ),
        task("study: watch this file", ["watch", current], presentation=shown, problemMatcher=[]),
        task("study: next", ["next"], presentation=shown, problemMatcher=[]),
    ]


def find_command() -> list[str]:
    """Return what starts this very study from anywhere; an editor knows nothing of the environment it lies in."""
    script = Path(sys.executable).parent / "study"
    return [str(script)] if script.is_file() and os.access(script, os.X_OK) else [sys.executable, "-m", "grader"]


class TasksFile:
    """`.vscode/tasks.json` of a workspace, and whether it was written or was there already.

    Raises:
        WorkspaceError: If it can be neither written nor left alone.
    """

    def __init__(self, workspace: "Workspace", command: list[str]) -> None:
        self.tasks = make_tasks(command)
        self.path = workspace.root / ".vscode" / "tasks.json"
        text = json.dumps({"version": "2.0.0", "tasks": self.tasks}, indent=2) + "\n"
        try:
            with suppress(FileExistsError):
                self.path.parent.mkdir()
            if not stat.S_ISDIR(self.path.parent.lstat().st_mode):
                raise WorkspaceError(
                    f"{self.path.parent} is not a folder (and links are not followed)",
                    hint=f"move it away: mv {self.path.parent} {self.path.parent}.old",
                )
            write_new(self.path, text.encode("utf-8"))
            self.state = "written"
        except FileExistsError:
            self.state = "there already" if self._holds_ours() else "kept"
        except OSError as error:
            raise WorkspaceError(
                f"{self.path} cannot be written: {error.strerror}; nothing was changed",
                hint="free some space or correct the permissions, then run it again",
            ) from None

    def _holds_ours(self) -> bool:
        """Tell whether all our tasks are in the file: by their labels, for it may have comments and be no JSON."""
        try:
            with open_regular(self.path) as file:
                text = file.read(MAX_TASKS_BYTES)
        except OSError:  # a link, a folder, or not ours to read: it is kept, and the tasks are printed
            return False
        return all(json.dumps(task["label"]).encode() in text for task in self.tasks)

    def render(self) -> "RenderableType":
        """Show what was done; where the file was there already, what to put into it."""
        from rich.console import Group
        from rich.text import Text

        from grader.text.console import line

        name = short_path(self.path)
        if self.state == "written":
            return line(("wrote  ", "bold"), f"{name}   (in VS Code: Tasks: Run Task, or Tasks: Run Test Task)")
        if self.state == "there already":
            return line(("kept   ", "bold"), f"{name}   (it has these tasks already)")
        piece = ",\n".join(json.dumps(task, indent=2) for task in self.tasks)
        return Group(
            line(("kept   ", "bold"), f"{name}   (it is yours; put these into its list `tasks`)"), Text(piece + ",")
        )

    def to_data(self) -> dict[str, Any]:
        """Return the same as plain data."""
        return {"path": str(self.path), "state": self.state, "tasks": self.tasks}
