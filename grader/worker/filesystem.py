"""What a worker sees of the disk: Python, its packages, the system's libraries, and one small folder of its own.

Two layers say the same thing: a root folder built of read-only mounts, and Landlock. Neither shows the course's
own files, even where they lie inside the installed packages.
"""

import os
import site
import sys
import sysconfig
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

from grader.core.package import PACKAGE
from grader.worker import kernel

#: The package with the judge's code, and the course inside it when it is installed from a wheel.
HIDDEN = PACKAGE
_SYSTEM = ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/nix/store", "/gnu/store")
_SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/localtime")
#: torch's libraries look up the processor when they are first used.
_PROCESSOR_FILES = ("/proc/cpuinfo", "/proc/meminfo")
#: Not /dev/zero: mapped, it is shared memory that no limit counts.
_DEVICES = ("/dev/null", "/dev/full", "/dev/random", "/dev/urandom")
_GPU = ("/sys", "/dev/dri", "/opt")
#: The private folder, where it can be a filesystem of its own.
PRIVATE = Path("/private")
TMP_MIB = 64
TMP_FILES = 4096

_READ = kernel.FS_EXECUTE | kernel.FS_READ_FILE | kernel.FS_READ_DIR
_WRITE_DEVICE = kernel.FS_READ_FILE | kernel.FS_WRITE_FILE | kernel.FS_IOCTL_DEV


@cache
def readable_folders(*, gpu: bool) -> tuple[Path, ...]:
    """Return the folders a worker may read, none inside another; they may contain `HIDDEN`."""
    paths = sysconfig.get_paths()
    wanted = [paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    wanted += [sys.prefix, sys.base_prefix, *site.getsitepackages(), *_SYSTEM]
    wanted += [site.getusersitepackages()] if site.ENABLE_USER_SITE else []
    wanted += [part for part in os.environ.get("LD_LIBRARY_PATH", "").split(":") if part.startswith("/")]
    wanted += _GPU if gpu else ()
    # Symbolic links stay links: both what they are called and what they lead to must be there.
    there = {Path(os.path.abspath(path)) for path in wanted} | {Path(path).resolve() for path in wanted}
    there = {path for path in there if path.exists() and path != Path("/")}
    return tuple(sorted(path for path in there if not any(parent in there for parent in path.parents)))


def devices(*, gpu: bool) -> tuple[Path, ...]:
    """Return the device files a worker may use."""
    nvidia = sorted(Path("/dev").glob("nvidia*")) if gpu else []
    return tuple(path for path in (*map(Path, _DEVICES), *nvidia) if path.exists())


def reachable_by_others() -> bool:
    """Tell whether a user that owns nothing here can reach the Python that runs this."""
    for start in {sys.prefix, sys.base_prefix, *site.getsitepackages()}:
        path = Path(start).resolve()
        if any(not folder.stat().st_mode & 0o001 for folder in (path, *path.parents) if folder.exists()):
            return False
    return True


def enter_new_root(folder: Path, owner: int, hidden: Collection[Path], *, gpu: bool) -> tuple[Path, bool]:
    """Build a root of read-only mounts below `folder`, in this mount namespace, and make it the root.

    Args:
        folder: An empty folder, only used as the place to build at.
        owner: The user whose the private folder in it shall be.
        hidden: Folders that are not to be seen, besides `HIDDEN`.
        gpu: Whether the devices and libraries of a GPU belong to it.

    Returns:
        The private folder inside the new root, and whether /proc shows this process's own namespace.

    Raises:
        OSError: If a mount is refused; the old root is then still the root.
    """
    kernel.mount("none", Path("/"), None, kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount("tmpfs", folder, "tmpfs", kernel.MS_NOSUID, "size=1m,mode=0755")
    for source in readable_folders(gpu=gpu):
        _show(source, folder)
    for file in (*map(Path, _SYSTEM_FILES), *devices(gpu=gpu)):
        if file.exists():
            _show(file, folder)
    for path in _all_names({HIDDEN, *hidden}, gpu=gpu):
        if (folder / path.relative_to("/")).exists():
            kernel.mount("tmpfs", folder / path.relative_to("/"), "tmpfs", kernel.MS_RDONLY, "size=4k,mode=0555")
    (folder / "proc").mkdir()
    tmp = folder / PRIVATE.relative_to("/")
    tmp.mkdir()
    own_proc = True
    try:
        kernel.mount("proc", folder / "proc", "proc", kernel.MS_NOSUID | kernel.MS_NODEV)
    except OSError:  # not allowed where parts of /proc are covered, as in many containers
        own_proc = False
    options = f"size={TMP_MIB}m,nr_inodes={TMP_FILES},mode=0700,uid={owner}"
    kernel.mount("tmpfs", tmp, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, options)
    kernel.change_root(folder)
    kernel.mount("none", Path("/"), None, kernel.MS_REMOUNT | kernel.MS_BIND | kernel.MS_RDONLY | kernel.MS_NOSUID)
    return PRIVATE, own_proc


def _show(source: Path, root: Path) -> None:
    """Make one folder, file or symbolic link visible under the same name below `root`, read-only."""
    target = root / source.relative_to("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_symlink():
        target.symlink_to(os.readlink(source))
        return
    if source.is_dir():
        target.mkdir(exist_ok=True)
    else:
        target.touch()
    kernel.mount(str(source), target, None, kernel.MS_BIND | kernel.MS_REC)
    if not source.is_char_device():
        kernel.make_read_only(target)


def landlock_rules(
    private_tmp: Path, hidden: Collection[Path], *, own_proc: bool, gpu: bool, version: int
) -> Iterator[tuple[Path, int]]:
    """Yield what Landlock shall leave to a worker: paths and rights."""
    concealed = _all_names({HIDDEN, *hidden}, gpu=gpu)
    for folder in readable_folders(gpu=gpu):
        for path in _around(folder, concealed):
            yield path, _READ
    for file in _SYSTEM_FILES + _PROCESSOR_FILES:
        yield Path(file), kernel.FS_READ_FILE
    for device in devices(gpu=gpu):
        yield device, _WRITE_DEVICE
    if own_proc:
        # To be written for one thing: a call's peak of memory is measured again through clear_refs.
        yield Path("/proc"), kernel.FS_READ_FILE | kernel.FS_READ_DIR | kernel.FS_WRITE_FILE
    not_in_tmp = kernel.FS_MAKE_CHAR | kernel.FS_MAKE_BLOCK | kernel.FS_IOCTL_DEV
    yield private_tmp, kernel.landlock_rights(version) & ~not_in_tmp


def _all_names(hidden: Collection[Path], *, gpu: bool) -> set[Path]:
    """Return what is hidden by every name it can be reached by: a readable folder may go by a symbolic link's."""
    names = set(hidden)
    for folder in readable_folders(gpu=gpu):
        real = folder.resolve()
        names |= {folder / path.relative_to(real) for path in hidden if path.is_relative_to(real)}
    return names


def _around(folder: Path, hidden: Collection[Path]) -> Iterator[Path]:
    """Yield paths that together hold all of `folder` but what is hidden."""
    if folder in hidden:
        return
    if not any(folder in path.parents for path in hidden):
        yield folder
        return
    for entry in os.scandir(folder):
        yield from _around(Path(entry.path), hidden)
