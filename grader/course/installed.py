"""Courses that installed packages offer by an entry point, found without importing anything of theirs.

A package offers one with an entry point of the group `study.courses`: its name is the course's, its value names the
package whose folder holds reading_list.yaml, curriculum/ and exercises/.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from grader.core.errors import UsageError
from grader.course.index import stamp_files
from grader.files.cache import blake2b
from grader.files.replacing import replacing

GROUP = "study.courses"


class Offer(Struct, frozen=True, array_like=True):
    """One entry point: the name and value as they stand there, and the package that lies in `folder`."""

    name: str
    value: str
    package: str
    folder: str


class _Kept(Struct, frozen=True, array_like=True):
    """What was found, and the state of the folders then."""

    stamp: bytes
    offers: tuple[Offer, ...]


def find_package_folders() -> list[str]:
    """Return the folders that packages are installed into, in the order Python looks through them.

    Other folders on the path are not looked at: the current one may hold anything.
    """
    return [folder for folder in dict.fromkeys(sys.path) if folder.endswith("-packages") and os.path.isdir(folder)]


def find_offers(folders: Sequence[str], cache_dir: Path) -> tuple[Offer, ...]:
    """Return the courses that packages offer, by name; of two by one name the first is found.

    Every installation and removal changes the folder it happens in, so as long as these are as they were, what was
    found the last time is returned from the cache.
    """
    file = cache_dir / f"packages-{blake2b(os.fsencode(os.pathsep.join(folders)), digest_size=8).hexdigest()}.msgpack"
    stamp = b""
    with suppress(OSError, ValueError):  # nothing kept yet, or a torn file
        stamp = stamp_files(folders)
        kept = msgspec.msgpack.decode(file.read_bytes(), type=_Kept)
        if kept.stamp == stamp:
            return kept.offers
    found: dict[str, Offer] = {}
    for folder in folders:
        for offer in _scan(folder):
            found.setdefault(offer.name, offer)
    offers = tuple(found[name] for name in sorted(found))
    with suppress(OSError, ValueError):  # a full or read-only cache costs the next command a scan, nothing else
        _replace(file, msgspec.msgpack.encode(_Kept(stamp, offers)))
    return offers


def _scan(folder: str) -> Iterator[Offer]:
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if entry.name.endswith(".dist-info"))
    except OSError:  # one that we may not read holds nothing for us
        return
    for name in names:
        try:
            text = Path(folder, name, "entry_points.txt").read_bytes()
        except OSError:  # most packages have none
            continue
        if GROUP.encode() in text:
            for key, value in _read_group(text.decode("utf-8", "replace")):
                yield Offer(key, value, name.partition("-")[0], folder)


def _read_group(text: str) -> Iterator[tuple[str, str]]:
    """Yield the entries of our group in an entry_points.txt, whose sections are those of an INI file."""
    section = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            section = line.strip("[] \t")
        elif section == GROUP and "=" in line and not line.startswith(("#", ";")):
            key, _, value = line.partition("=")
            yield key.strip(), value.strip()


def _replace(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with replacing(file, mode=0o600, lasts=False) as new:
        new.write(data)


def locate_offer(offer: Offer) -> Path:
    """Return the folder that an offer names; no code of the package is run.

    Raises:
        UsageError: If there is no such folder.
    """
    from importlib.machinery import PathFinder

    steps = offer.value.partition(":")[0].strip().split(".")
    if not all(step.isidentifier() for step in steps):
        raise UsageError(f"`{offer.value}` is not the name of a package")
    # First beside its own metadata: whatever else has that name on the path is not what was installed. A package that
    # is installed as editable lies elsewhere. Asking for a name without dots imports nothing.
    spec = PathFinder.find_spec(steps[0], [offer.folder])
    if spec is None:
        from importlib.util import find_spec

        with suppress(ImportError, ValueError):
            spec = find_spec(steps[0])
    for place in (spec.submodule_search_locations or ()) if spec is not None else ():
        folder = Path(place, *steps[1:])
        if folder.is_dir():
            return folder.resolve()
        if folder.with_suffix(".py").is_file():  # a module: its folder is the one it lies in
            return folder.parent.resolve()
    raise UsageError(f"there is no folder of the package `{'.'.join(steps)}`")
