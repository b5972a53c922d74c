"""A learner's file is read once, as data, and refused with where and why."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.core.errors import SubmissionUnreadable
from grader.files.workspace import MAX_SUBMISSION_BYTES, read_submission

MINE = "def add(a, b):\n    return a + b  # mine\n"


def refusal(path: Path) -> tuple[str, str | None]:
    with pytest.raises(SubmissionUnreadable) as caught:
        read_submission(path)
    assert caught.value.exit_code == 2
    return caught.value.message, caught.value.hint


def test_submission_is_read_as_text(tmp_path: Path) -> None:
    """The text is the learner's to the last character."""
    path = tmp_path / "e01_add.py"
    path.write_bytes("x = 'ä∂'\r\n\ty\x0b\n".encode())
    assert read_submission(path) == "x = 'ä∂'\r\n\ty\x0b\n"


def test_byte_order_mark_is_not_part_of_the_text(tmp_path: Path) -> None:
    """Some editors put one there; Python would stumble over it."""
    path = tmp_path / "e01_add.py"
    path.write_bytes(b"\xef\xbb\xbfx = 1\n")
    assert read_submission(path) == "x = 1\n"


def test_missing_submission_is_named(tmp_path: Path) -> None:
    """No file, no guess at another one."""
    assert refusal(tmp_path / "e01_add.py") == (
        f"there is no file {tmp_path}/e01_add.py",
        f"look at what is there: ls {tmp_path}",
    )


def test_folder_is_no_submission(tmp_path: Path) -> None:
    """A folder is named as one."""
    assert refusal(tmp_path) == (
        f"{tmp_path} is a folder",
        f"study grade ID --submission FILE.py   (or move it away: mv {tmp_path} {tmp_path}.old)",
    )


@pytest.mark.parametrize("target", ["real.py", "gone.py", "link.py"])
def test_link_is_not_followed(tmp_path: Path, target: str) -> None:
    """A link to a file is refused with the path that it leads to, one to nothing or to itself as such."""
    (tmp_path / "real.py").write_text(MINE)
    link = tmp_path / "link.py"
    link.symlink_to(target)
    if target == "real.py":
        said = "links are not followed", f"study grade ID --submission {tmp_path}/{target}"
    else:
        said = "it leads to no file", f"rm {link} && study start ID"
    assert refusal(link) == (f"{link} is a symbolic link, and {said[0]}", said[1])


@pytest.fixture
def alarm() -> Iterator[None]:
    """End a test that waits for somebody to write into a pipe."""

    def ring(number: int, frame: object) -> None:
        raise TimeoutError("it waits")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(5)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("alarm")
def test_named_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """A pipe that nobody writes to must not stop the grader."""
    path = tmp_path / "pipe.py"
    os.mkfifo(path)
    assert refusal(path) == (
        f"{path} is not a regular file",
        f"study grade ID --submission FILE.py   (or move it away: mv {path} {path}.old)",
    )


def test_endless_device_is_not_read() -> None:
    """/dev/zero would never end."""
    assert refusal(Path("/dev/zero"))[0] == "/dev/zero is not a regular file"


def test_refused_file_is_closed(tmp_path: Path) -> None:
    """A watch that meets a folder again and again must not run out of descriptors."""
    before = sorted(os.listdir("/dev/fd"))
    for _ in range(5):
        refusal(tmp_path)
    assert sorted(os.listdir("/dev/fd")) == before


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"\xff", "1:1: byte 0xff"),
        (b"x = 1\ny = '\xe9'\n", "2:6: byte 0xe9"),
        ("# äöü ".encode() + b"\xe9\n", "1:7: byte 0xe9"),
        (b"\xef\xbb\xbfab\xff", "1:3: byte 0xff"),
        (b"x = '\xed\xa0\x80'", "1:6: byte 0xed"),
    ],
)
def test_text_in_another_encoding_is_refused_where_it_shows(tmp_path: Path, data: bytes, place: str) -> None:
    """The first byte that is not UTF-8 is named with its line and column in characters."""
    path = tmp_path / "e01_add.py"
    path.write_bytes(data)
    assert refusal(path) == (f"{path}:{place} is not UTF-8", "save the file with the encoding UTF-8")


def test_submission_of_a_mebibyte_is_read(tmp_path: Path) -> None:
    """The limit itself is allowed."""
    path = tmp_path / "e01_add.py"
    path.write_bytes(b"#" * MAX_SUBMISSION_BYTES)
    assert len(read_submission(path)) == 2**20


def test_submission_above_a_mebibyte_is_refused(tmp_path: Path) -> None:
    """One byte more is refused with its size."""
    path = tmp_path / "e01_add.py"
    path.write_bytes(b"#" * (MAX_SUBMISSION_BYTES + 1))
    assert refusal(path) == (
        f"{path} is larger than 1 MiB (1048577 bytes)",
        "keep data and weights out of it; an exercise is a few hundred lines",
    )


def test_submission_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing permissions are explained (simulated, for root may read everything)."""
    path = tmp_path / "e01_add.py"
    path.write_text(MINE)

    def refuse(*arguments: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    assert refusal(path) == (f"{path} cannot be read: Permission denied", f"look at its permissions: ls -l {path}")
