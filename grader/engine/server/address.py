"""Where the server listens: one socket per interpreter, set of packages, state of our code and environment."""

import os
import re
import site
import sys
from collections.abc import Iterator
from pathlib import Path

from grader.core.package import PACKAGE
from grader.engine.threads import THREAD_ENVIRONMENT
from grader.files.cache import blake2b
from grader.files.own_folder import explain_refusal, open_own_folder

#: What an engine may know of the environment it was started from. The rest, which may hold secrets, never gets
#: into a process that learners' code is forked from.
ENVIRONMENT = (
    *("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"),
    *("LD_LIBRARY_PATH", "CUDA_HOME", "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "NVIDIA_VISIBLE_DEVICES"),
)
_FIXED = THREAD_ENVIRONMENT | {"PYTHONDONTWRITEBYTECODE": "1"}
#: The kernel's limit for the path of a socket, less the terminating zero.
_MAX_SOCKET_PATH = 107
_KEY = re.compile("[0-9a-f]{16}")


def engine_environment() -> dict[str, str]:
    """Return the environment for an engine or a server."""
    # It must be this very package, also when it is run from a checkout that is not installed.
    where = [str(PACKAGE.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    kept = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
    return kept | _FIXED | {"PYTHONPATH": os.pathsep.join(where)}


def find_folder() -> Path | None:
    """Return the folder for sockets, made if need be: ours alone (0700). None if there is no safe place."""
    for folder in _candidates():
        if _is_too_long(folder):
            continue
        try:
            fd = open_own_folder(folder)
        except OSError:
            continue
        if fd is not None:
            os.close(fd)
            return folder
    return None


def explain_no_folder() -> tuple[str, str]:
    """Say why `find_folder` finds none: what is wrong with each, and the first command that mends one."""
    reasons, commands = [], []
    for folder in _candidates():
        if _is_too_long(folder):
            why, command = "is too long a path for a socket", None
        else:
            why, command = explain_refusal(folder)
        reasons.append(f"{folder} {why}")
        commands += [command] if command else []
    return "; ".join(reasons), next(iter(commands), "set XDG_RUNTIME_DIR to a short path that is yours alone")


def _is_too_long(folder: Path) -> bool:
    return len(os.fsencode(folder)) + len("/0123456789abcdef.sock") > _MAX_SOCKET_PATH


def find_files(folder: Path, suffix: str) -> list[Path]:
    """Return the servers' files of one kind in their folder; what has any other name is not ours."""
    return sorted(path for path in folder.glob(f"*{suffix}") if _KEY.fullmatch(path.stem))


def _candidates() -> Iterator[Path]:
    if os.environ.get("XDG_RUNTIME_DIR"):
        yield Path(os.environ["XDG_RUNTIME_DIR"], "study")
    import tempfile  # 3 ms, that most are spared

    yield Path(tempfile.gettempdir(), f"study-server-{os.geteuid()}")


def make_key() -> str:
    """Name all that makes one server unfit for another's grades, in 16 hexadecimal digits.

    The first eight are for what stays when the user edits or upgrades something: the interpreter, where our code lies,
    and the environment of an engine. The last eight are for the versions: Python's, the packages', and our code's. Not
    sys.path: a process that has more on it, a notebook's kernel or a test's, gives engines the same to import.
    """
    environment = engine_environment()
    # Not sys.executable, which is python in one command and python3 in the other.
    where = [sys.prefix, os.path.realpath(sys.executable), str(PACKAGE)]
    where += [f"{name}={value}" for name, value in sorted(environment.items()) if name != "HOME"]
    what = [sys.version, *_installed(environment["PYTHONPATH"]), *map(repr, _code())]
    return _digest(where) + _digest(what)


def supersedes(path: Path, other: Path) -> bool:
    """Tell whether the server at one socket differs from another by nothing but versions."""
    half = len(path.stem) // 2
    return path != other and path.stem[:half] == other.stem[:half]


def _digest(parts: list[str]) -> str:
    return blake2b("\0".join(parts).encode(errors="surrogateescape"), digest_size=4).hexdigest()


def _installed(search_path: str) -> Iterator[str]:
    """Yield the installed packages with their versions.

    They are read off the names of folders, which costs one listing instead of the tens of milliseconds of
    importlib.metadata.
    """
    folders = [*search_path.split(os.pathsep), *site.getsitepackages()]
    folders += [site.getusersitepackages()] if site.ENABLE_USER_SITE else []
    for folder in folders:
        try:
            yield from sorted(name for name in os.listdir(folder) if name.endswith((".dist-info", ".egg-link")))
        except OSError:
            yield folder


def _code() -> Iterator[tuple[str, int, int]]:
    """Yield our own files with what changes when they do."""
    for parent, folders, files in os.walk(PACKAGE):
        folders[:] = sorted(name for name in folders if name not in ("content", "__pycache__"))
        for name in sorted(files):
            if name.endswith(".py"):
                path = os.path.join(parent, name)
                found = os.stat(path)
                yield path, found.st_mtime_ns, found.st_size


def find_socket() -> Path | None:
    """Return where the server for this very process would listen; None if there is no safe place."""
    folder = find_folder()
    return folder / f"{make_key()}.sock" if folder else None
