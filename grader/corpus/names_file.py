"""The names file: is this the right one, and if not, what is it?"""

import hashlib
from pathlib import Path

import msgspec

from .files import SIZE_CAP_BYTES, read_capped
from .model import NamesFile


class NamesReading(msgspec.Struct, frozen=True, kw_only=True):
    """What is in a file that should hold the names."""

    words: tuple[str, ...] | None  # None where it is not the right file
    data: bytes  # with \n line ends and no final newline: the form the checksum is taken of
    lines: int
    found: str  # what it is, in words


def read_names(path: Path, expected: NamesFile) -> NamesReading:
    """Read and check a names file.

    Raises:
        OSError: If it is missing or cannot be read.
    """
    return check_names(read_capped(path), expected)


def check_names(data: bytes, expected: NamesFile) -> NamesReading:
    """Compare bytes with the expected file; Windows line ends and a final newline make no difference."""
    if len(data) > SIZE_CAP_BYTES:
        return NamesReading(words=None, data=data, lines=data.count(b"\n"), found=f"more than {SIZE_CAP_BYTES:,} bytes")
    data = data.replace(b"\r\n", b"\n").removesuffix(b"\n")
    sha256 = hashlib.sha256(data).hexdigest()
    lines = data.count(b"\n") + 1 if data else 0
    words = tuple(data.decode("ascii").split("\n")) if sha256 == expected.sha256 else None
    found = f"{lines:,} {'line' if lines == 1 else 'lines'}, sha256 {sha256[:12]}"
    return NamesReading(words=words, data=data, lines=lines, found=found)


def describe_expected(expected: NamesFile) -> str:
    """Say what the right file is, in the words of `NamesReading.found`."""
    return f"{expected.words:,} lines, sha256 {expected.sha256[:12]}"
