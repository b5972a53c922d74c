"""The pictures of the last grade of each exercise: kept as data in `.study/pictures/`, where files of them go too."""

import os
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from grader.core.errors import WorkspaceError
from grader.core.pictures import MAX_PICTURES, Picture
from grader.core.verdict import Verdict
from grader.files.regular import open_regular
from grader.files.workspace import Workspace, write_whole

#: Twelve pictures at every bound are a third of this.
MAX_BYTES = 4 * 2**20


class Kept(Struct, frozen=True):
    """The pictures of one grade, and which it was."""

    exercise: str
    verdict: Literal["passed", "failed", "grader_fault"]
    seed: int
    pictures: Annotated[tuple[Picture, ...], Meta(max_length=MAX_PICTURES)]


class PictureStore:
    """The folder with the pictures of a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self.folder = workspace.marker / "pictures"

    def keep(self, verdict: Verdict) -> Path:
        """Keep the pictures of a grade instead of those of an earlier one.

        Raises:
            WorkspaceError: If they cannot be written.
        """
        kept = Kept(verdict.exercise, verdict.verdict, verdict.seed, verdict.pictures)
        return self._write(f"{verdict.exercise}.json", msgspec.json.encode(kept))

    def load(self, exercise_id: str) -> Kept | None:
        """Return what was kept of an exercise; None if nothing was.

        Raises:
            WorkspaceError: If it cannot be read as it was written.
        """
        path = self.folder / f"{exercise_id}.json"
        hint = f"remove it, and grade again: rm {path}; study grade {exercise_id}"
        try:
            data = _read(path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise WorkspaceError(f"{path} cannot be read: {error.strerror}", hint=hint) from None
        try:
            return msgspec.json.decode(data, type=Kept)
        except ValueError as error:  # msgspec.DecodeError, and UnicodeDecodeError beside it
            raise WorkspaceError(f"{path}: cannot be used: {error}", hint=hint) from None

    def add_figure(self, exercise_id: str, name: str, form: str, data: bytes) -> Path:
        """Write one picture as a file beside the data; returns where.

        Raises:
            WorkspaceError: If it cannot be written.
        """
        return self._write(f"{exercise_id}-{name}.{form}", data)

    def _write(self, name: str, data: bytes) -> Path:
        if self.folder.is_symlink():
            raise WorkspaceError(
                f"{self.folder} is a symbolic link, and links are not followed", hint=f"remove it: rm {self.folder}"
            )
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WorkspaceError(
                f"{self.folder} cannot be made: {error.strerror}", hint=f"look at what is there: ls -l {self.folder}"
            ) from None
        path = self.folder / name
        write_whole(path, data)  # replaces a link, and does not follow it
        return path


def _read(path: Path) -> bytes:
    """Read a regular file of a bounded size.

    Raises:
        OSError: If it is none; links are not followed.
    """
    with open_regular(path) as file:
        if os.fstat(file.fileno()).st_size > MAX_BYTES:
            raise OSError(0, f"it is larger than {MAX_BYTES >> 20} MiB")
        return file.read(MAX_BYTES)
