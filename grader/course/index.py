"""Keep a checked course in one file of the cache, so that a command decodes only the exercises it looks at.

    magic | digest of stamp and outline | length of outline | outline | readings and exercises, one behind the other

The outline holds the courses, and where each reading and exercise lies. The stamp says in which state the course's
files were when they were read. A file that is torn, damaged, of another version or of another state of the course
does not have the digest that is asked for, and is as good as none. It is data: nothing in it is ever run.
"""

import os
import weakref
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar
from zlib import crc32

import msgspec
from msgspec import Struct

from grader.core.models import Course, Exercise, Reading, Unit
from grader.files.cache import blake2b
from grader.files.replacing import replacing

_MAGIC = b"study course 2\n\0"
_DIGEST_BYTES = 16
_HEAD_BYTES = len(_MAGIC) + _DIGEST_BYTES + 8

_T = TypeVar("_T")
_Place = tuple[int, int, int]  # offset behind the outline, size, CRC-32
# Units and courses without the limits of their models: these were checked, and checking them again takes ten times
# as long as decoding them.
_Unit = tuple[str, str, str, tuple[str, ...], tuple[str, ...]]
_Course = tuple[str, str, str, tuple[_Unit, ...]]


class _Outline(Struct, frozen=True, array_like=True):
    """What every command needs."""

    courses: tuple[_Course, ...]
    readings: dict[str, _Place]
    exercises: dict[str, _Place]


class _KeptExercise(Struct, frozen=True, array_like=True):
    """An exercise, and the state of the folders beside its exercise.yaml."""

    folders: bytes
    exercise: Exercise


class Parts(Mapping[str, _T]):
    """Readings or exercises by their ids, each decoded when it is asked for.

    One that turns out to be damaged or outdated is taken from `rebuild()`, which reads the whole course again.
    """

    def __init__(
        self,
        places: Mapping[str, _Place],
        read: Callable[[_Place], bytes],
        decode: Callable[[str, bytes], _T],
        rebuild: Callable[[], Mapping[str, _T]],
    ) -> None:
        self._places, self._read, self._decode, self._rebuild = places, read, decode, rebuild
        self._rebuilt: Mapping[str, _T] | None = None

    def __getitem__(self, name: str) -> _T:
        place = self._places[name]
        if self._rebuilt is None:
            try:
                return self._decode(name, self._read(place))
            except (OSError, ValueError):
                self._rebuilt = self._rebuild()
        return self._rebuilt[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, name: object) -> bool:
        return name in self._places


def stamp_files(paths: Sequence[str]) -> bytes:
    """Say in which state files or folders are: any change of one, in place or by replacing it, changes the stamp.

    The change time is in it because no program can choose it: a copy that kept size and modification time is seen.

    Raises:
        OSError: If one is missing.
    """
    stamp = array("Q")
    for path in paths:
        status = os.stat(path)
        stamp.extend((status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_size))
    return stamp.tobytes() + os.fsencode("\0".join(paths))


class Index:
    """The file of one course in the cache.

    Args:
        cache_dir: Where indexes lie; made when there is something to write.
        root: The course's folder, for which this is the index.
        stamp_folders: Gives the state of the folders beside the exercise.yaml of an exercise.
    """

    def __init__(self, cache_dir: Path, root: Path, stamp_folders: Callable[[str], bytes]) -> None:
        name = blake2b(os.fsencode(root), digest_size=_DIGEST_BYTES).hexdigest()
        self.path = cache_dir / f"course-{name}.msgpack"
        self._stamp_folders = stamp_folders

    def write(
        self,
        stamp: bytes,
        folders: Mapping[str, bytes],
        courses: Iterable[Course],
        readings: Mapping[str, Reading],
        exercises: Mapping[str, Exercise],
    ) -> None:
        """Replace the file at once; a process that reads the old one goes on reading it.

        An exercise without a state in `folders` is kept as one that has to be read again.

        Raises:
            OSError, ValueError: If it cannot be written; the cache is then as it was.
        """
        parts: list[bytes] = []
        reading_places = _lay_out(parts, readings, 0)
        kept = {name: _KeptExercise(folders.get(name, b""), exercise) for name, exercise in exercises.items()}
        exercise_places = _lay_out(parts, kept, sum(len(part) for part in parts))
        outline = msgspec.msgpack.encode(_Outline(tuple(map(_flatten, courses)), reading_places, exercise_places))
        head = _MAGIC + _digest(stamp, outline) + len(outline).to_bytes(8, "big")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(self.path, mode=0o600, lasts=False) as file:
            file.writelines([head, outline, *parts])

    def read(
        self,
        stamp: bytes,
        reread_readings: Callable[[], Mapping[str, Reading]],
        reread_exercises: Callable[[], Mapping[str, Exercise]],
    ) -> tuple[tuple[Course, ...], Parts[Reading], Parts[Exercise]]:
        """Open the index and decode its outline.

        Args:
            stamp: The state of the course's files now.
            reread_readings: Used instead of the index if a part of it turns out to be damaged.
            reread_exercises: The same, also if files beside an exercise.yaml came or went.

        Raises:
            OSError, ValueError: If there is none for this stamp.
        """
        file = _OpenFile(self.path)
        head = file.read(_HEAD_BYTES, 0)
        if len(head) != _HEAD_BYTES or not head.startswith(_MAGIC):
            raise ValueError("this is not an index")
        data = file.read(int.from_bytes(head[-8:], "big"), _HEAD_BYTES)
        if head[len(_MAGIC) : -8] != _digest(stamp, data):
            raise ValueError("the index is damaged, or of another state of the course")
        outline = msgspec.msgpack.decode(data, type=_Outline)
        start = _HEAD_BYTES + len(data)

        def read_part(place: _Place) -> bytes:
            offset, size, checksum = place
            part = file.read(size, start + offset)
            if crc32(part) != checksum:
                raise ValueError("the index is damaged")
            return part

        courses = tuple(
            Course(name, title, summary, tuple(Unit(*unit) for unit in units))
            for name, title, summary, units in outline.courses
        )
        readings = Parts(outline.readings, read_part, _decode_reading, reread_readings)
        exercises = Parts(outline.exercises, read_part, self._decode_exercise, reread_exercises)
        return courses, readings, exercises

    def _decode_exercise(self, name: str, part: bytes) -> Exercise:
        kept = msgspec.msgpack.decode(part, type=_KeptExercise)
        if kept.folders != self._stamp_folders(name):
            raise ValueError("a file beside exercise.yaml came or went")
        return kept.exercise


class _OpenFile:
    """A file that stays the one that was opened, even if another process puts a new one in its place."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._descriptor)
        self._size_bytes = os.fstat(self._descriptor).st_size

    def read(self, size: int, offset: int) -> bytes:
        """Read a part of it; less where the file ends."""
        # A damaged file may ask for more bytes than there is memory.
        return os.pread(self._descriptor, min(size, max(0, self._size_bytes - offset)), offset)


def _decode_reading(name: str, part: bytes) -> Reading:
    return msgspec.msgpack.decode(part, type=Reading)


def _digest(stamp: bytes, outline: bytes) -> bytes:
    return blake2b(len(stamp).to_bytes(8, "big") + stamp + outline, digest_size=_DIGEST_BYTES).digest()


def _lay_out(parts: list[bytes], things: Mapping[str, Struct], offset: int) -> dict[str, _Place]:
    places: dict[str, _Place] = {}
    for name, thing in things.items():
        part = msgspec.msgpack.encode(thing)
        parts.append(part)
        places[name] = (offset, len(part), crc32(part))
        offset += len(part)
    return places


def _flatten(course: Course) -> _Course:
    units = tuple((u.id, u.title, u.summary, u.readings, u.exercises) for u in course.units)
    return (course.id, course.title, course.summary, units)
