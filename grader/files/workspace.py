"""The learner's folder: where it is, what lies in it, and how a file of theirs is read and kept."""

import codecs
import os
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec
from msgspec import Struct

from grader.core.errors import SubmissionUnreadable, WorkspaceError
from grader.files.regular import NotRegular, open_regular
from grader.files.replacing import replacing

MARKER = ".study"
REVIEW_FOLDER = "review"
MAX_SUBMISSION_BYTES = 2**20

#: What a learner may work in: the ending of its name.
Kind = Literal[".py", ".ipynb"]
KINDS: tuple[Kind, ...] = (".py", ".ipynb")


class AddedCourse(Struct, frozen=True, forbid_unknown_fields=True):
    """A course pack that was added: the name it goes by, and its folder."""

    name: str
    path: str


class Settings(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What `.study/settings.json` may hold."""

    names_file: str | None = None
    database: str | None = None
    server: bool = True
    courses: tuple[AddedCourse, ...] = ()


class Workspace(Struct, frozen=True):
    """A folder with the learner's files; `.study/` in it holds the progress log, backups and settings."""

    root: Path
    found_by: str

    @property
    def marker(self) -> Path:
        """The folder for what is ours."""
        return self.root / MARKER

    def place(self, exercise_id: str, kind: Kind) -> Path:
        """Return where a file of one kind lies, or would."""
        return self.root / f"{exercise_id}{kind}"

    def submission_path(self, exercise_id: str) -> Path:
        """Return where the learner's file of an exercise lies: of a Python file and a notebook the one saved last.

        Of two saved at the same moment, and where there is neither, the Python file.
        """
        found = self.find_submissions(exercise_id)
        return found[0] if found else self.place(exercise_id, ".py")

    def find_submissions(self, exercise_id: str) -> list[Path]:
        """Return what lies at the places for an exercise, links too, the one saved last first."""
        saved: list[tuple[int, Path]] = []
        for kind in KINDS:
            path = self.place(exercise_id, kind)
            with suppress(OSError):
                saved.append((-path.lstat().st_mtime_ns, path))
        return [path for _, path in sorted(saved, key=lambda pair: pair[0])]

    def review_path(self, exercise_id: str) -> Path:
        """Return where the file of a review lies: never where the learner's own solution does."""
        return self.root / REVIEW_FOLDER / f"{exercise_id}.py"

    def exists(self) -> bool:
        """Tell whether the workspace has been made."""
        return self.marker.is_dir()

    def create(self) -> bool:
        """Make the workspace; returns whether it was new.

        Raises:
            WorkspaceError: If it cannot be made there.
        """
        if self.exists():
            return False
        try:
            self.marker.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WorkspaceError(
                f"the workspace {self.root} cannot be made: {error.strerror}",
                hint="name another folder: STUDY_HOME=/path/to/folder study init",
            ) from None
        return True

    def load_settings(self) -> Settings:
        """Read the settings; without a file, the defaults.

        Raises:
            WorkspaceError: If the file is damaged.
        """
        file = self.marker / "settings.json"
        try:
            return self._map_paths(msgspec.json.decode(file.read_bytes(), type=Settings), self._locate)
        except (FileNotFoundError, NotADirectoryError):
            return Settings()
        except (OSError, ValueError) as error:  # msgspec.DecodeError, and UnicodeDecodeError beside it
            raise WorkspaceError(
                f"{file}: cannot be used: {error}",
                hint=f"correct it, or remove it: rm {shlex.quote(str(file))}   (that forgets which courses were added, "
                "the names file, another place of the log and `study server off`; no progress)",
            ) from None

    def save_settings(self, settings: Settings) -> None:
        """Write the settings, whole or not at all; what lies in the workspace moves with it, and is kept relative."""
        kept = self._map_paths(settings, self._shorten)
        write_whole(self.marker / "settings.json", msgspec.json.format(msgspec.json.encode(kept)))

    def _map_paths(self, settings: Settings, change: Callable[[str], str]) -> Settings:
        courses = tuple(msgspec.structs.replace(course, path=change(course.path)) for course in settings.courses)
        names_file = change(settings.names_file) if settings.names_file else settings.names_file
        return msgspec.structs.replace(settings, courses=courses, names_file=names_file)

    def _shorten(self, path: str) -> str:
        root = os.path.realpath(self.root)
        return os.path.relpath(path, root) if path.startswith(f"{root}/") else path

    def _locate(self, path: str) -> str:
        """Return a kept path as an absolute one; one that is gone may have moved with the workspace."""
        root = os.path.realpath(self.root)
        if not os.path.isabs(path):
            return os.path.normpath(f"{root}/{path}")
        if os.path.exists(path):
            return path
        parts = Path(path).parts[1:]
        moved = (os.path.join(root, *parts[first:]) for first in range(len(parts)))
        return next((place for place in moved if os.path.exists(place)), path)

    def write_stub(self, exercise_id: str, text: str, *, replace: bool, kind: Kind = ".py") -> tuple[Path, Path | None]:
        """Put a stub, or a notebook with it, where the learner works.

        Returns:
            The file, and the backup of what lay there before, if `replace` and something did.

        Raises:
            FileExistsError: If a file is there and `replace` is not asked.
            WorkspaceError: If it cannot be written, or a link that leads to nothing is there.
        """
        path = self.place(exercise_id, kind)
        backup = None
        if os.path.lexists(path):
            if not path.exists():
                raise WorkspaceError(
                    f"{path} is a symbolic link, and it leads to no file",
                    hint=f"rm {shlex.quote(str(path))} && study start {exercise_id}",
                )
            if not replace:
                raise FileExistsError(path)
            backup = self.back_up(path)
        write_whole(path, text.encode("utf-8"))
        return path, backup

    def back_up(self, path: Path) -> Path:
        """Copy a learner's file into `.study/backups/` under a name that is free; returns the copy.

        Raises:
            WorkspaceError: If it cannot be kept, so that nothing must be overwritten.
        """
        folder = self.marker / "backups"
        stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
        try:
            with open_regular(path, follow=True) as file:
                data = file.read()
        except OSError as error:
            raise WorkspaceError(
                f"{path} cannot be kept: {error.strerror}; it is unchanged", hint=f"look at what it is: ls -l {path}"
            ) from None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for number in range(1000):
                copy = folder / f"{path.stem}-{stamp}{f'-{number}' if number else ''}{path.suffix}"
                with suppress(FileExistsError):
                    write_new(copy, data)
                    return copy
        except OSError as error:
            raise _cannot_write(folder, error) from None
        raise WorkspaceError(f"{folder} holds a thousand backups of this second", hint=f"look into {folder}")

    def set_aside(self, path: Path) -> Path:
        """Move a learner's file into `.study/backups/`, whatever it is; needs no space, and follows no link.

        Raises:
            WorkspaceError: If it cannot be moved; then it lies where it was.
        """
        folder = self.marker / "backups"
        stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for number in range(1000):
                kept = folder / f"{path.stem}-review-{stamp}{f'-{number}' if number else ''}{path.suffix}"
                if not os.path.lexists(kept):
                    os.rename(path, kept)
                    return kept
        except OSError as error:
            raise WorkspaceError(
                f"{path} cannot be moved to {folder}: {error.strerror}; it lies where it was",
                hint=f"move it away yourself: mv {path} {path}.old",
            ) from None
        raise WorkspaceError(f"{folder} holds a thousand backups of this second", hint=f"look into {folder}")


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that after a crash either the old or the new one is there; a link is replaced, not followed.

    Raises:
        WorkspaceError: If it cannot be written.
    """
    with writing_whole(path) as file:
        file.write(data)


@contextmanager
def writing_whole(path: Path, *, private: bool = False) -> Iterator[BinaryIO]:
    """Write a file as `write_whole` does, piece by piece; after an error in the block nothing has changed.

    Args:
        path: The file.
        private: Whether only its owner may read it. Else the umask decides, as for every new file.

    Raises:
        WorkspaceError: If it cannot be written.
    """
    try:
        with replacing(path, mode=0o600 if private else None) as file:
            yield file
    except OSError as error:
        raise _cannot_write(path, error) from None


def make_review_folder(workspace: Workspace) -> None:
    """Make the folder that the files of reviews lie in.

    Raises:
        WorkspaceError: If it cannot be made.
    """
    folder = workspace.root / REVIEW_FOLDER
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise WorkspaceError(
            f"the folder {folder} cannot be made: {error.strerror}", hint=f"look at what is there: ls -ld {folder}"
        ) from None


def write_new(path: Path, data: bytes) -> None:
    """Make a file that is not there yet, and leave no half of it behind."""
    with path.open("xb") as file:
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            path.unlink()
            raise


def _cannot_write(path: Path, error: OSError) -> WorkspaceError:
    return WorkspaceError(
        f"{path} cannot be written: {error.strerror}; what was there before is unchanged",
        hint="free some space or correct the permissions, then run it again",
    )


def find_workspace(cwd: Path, environ: Mapping[str, str]) -> Workspace:
    """Find the workspace: upward from `cwd`, else $STUDY_HOME, else ~/study (which may not exist yet)."""
    for folder in (cwd, *cwd.parents):
        if (folder / MARKER).is_dir():
            return Workspace(folder, "found here or above")
    if environ.get("STUDY_HOME"):
        # os.path: where no such user is, `~who` stays as it is instead of raising.
        return Workspace(cwd / os.path.expanduser(environ["STUDY_HOME"]), "named by STUDY_HOME")
    return Workspace(Path(environ.get("HOME") or Path.home()).absolute() / "study", "the default")


def read_submission(
    path: Path,
    *,
    max_bytes: int = MAX_SUBMISSION_BYTES,
    too_large: str = "keep data and weights out of it; an exercise is a few hundred lines",
    exercise_id: str = "ID",
) -> str:
    """Read a learner's file once, as data: a regular file of at most `max_bytes` of UTF-8 text.

    Args:
        path: The file.
        max_bytes: The most that is read.
        too_large: What to do about a file that is larger.
        exercise_id: What it answers, for the next step.

    Raises:
        SubmissionUnreadable: If it is anything else; the message names the file and the next step.
    """
    try:
        file = open_regular(path)
    except NotRegular as error:
        kind = "a folder" if error.is_folder else "not a regular file"
        name = shlex.quote(str(path))
        raise SubmissionUnreadable(
            f"{path} is {kind}",
            hint=f"study grade {exercise_id} --submission FILE.py   (or move it away: mv {name} {name}.old)",
        ) from None
    except FileNotFoundError:
        raise SubmissionUnreadable(
            f"there is no file {path}", hint=f"look at what is there: ls {shlex.quote(str(path.parent))}"
        ) from None
    except OSError as error:
        if path.is_symlink():
            if path.exists():
                real = shlex.quote(os.path.realpath(path))
                text, hint = "links are not followed", f"study grade {exercise_id} --submission {real}"
            else:
                text = "it leads to no file"
                hint = f"rm {shlex.quote(str(path))} && study start {exercise_id}"
            raise SubmissionUnreadable(f"{path} is a symbolic link, and {text}", hint=hint) from None
        raise SubmissionUnreadable(
            f"{path} cannot be read: {error.strerror}", hint=f"look at its permissions: ls -l {path}"
        ) from None
    with file:
        size = os.fstat(file.fileno()).st_size
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise SubmissionUnreadable(f"{path} is larger than {max_bytes >> 20} MiB ({size} bytes)", hint=too_large)
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise SubmissionUnreadable(
            f"{path}:{line}:{column}: byte 0x{data[error.start]:02x} is not UTF-8",
            hint="save the file with the encoding UTF-8",
        ) from None
