"""Large requests are lent in sealed memory: they arrive whole, and nobody can change, enlarge or hoard them."""

import fcntl
import os

import pytest
import torch

from grader.wire import borrow, lend, lending

pytestmark = pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="needs files in memory, which Linux has")


def test_a_payload_in_many_pieces_comes_back_as_one() -> None:
    pieces = [bytes([n % 251]) * (n % 7) for n in range(2000)] + [memoryview(torch.arange(9).numpy()).cast("B")]
    fd = lend(pieces)
    assert fd is not None
    assert fcntl.fcntl(fd, fcntl.F_GET_SEALS) & fcntl.F_SEAL_WRITE
    whole = b"".join(pieces)
    view = borrow(fd, len(whole))
    assert bytes(view) == whole
    view[0:3] = b"new"  # pages of our own
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fd)


def test_where_there_is_no_room_nothing_is_lent_and_no_descriptor_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    before = len(os.listdir("/proc/self/fd"))

    def full(fd: int, parts: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(lending.os, "writev", full)
    assert lend([b"x"]) is None
    assert len(os.listdir("/proc/self/fd")) == before
