"""A Ctrl-C that comes once an attempt is being recorded: the command tells its verdict all the same."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class StoppedLate(KeyboardInterrupt):
    """Ctrl-C was pressed again after an attempt had been recorded."""


def finish_from_here() -> None:
    """Ignore the first Ctrl-C (or SIGTERM) from now on, and raise `StoppedLate` at the second.

    To be called before an attempt is recorded: after that "no attempt was counted" would be false.
    """
    _ignore_first(StoppedLate)


@contextmanager
def put_off_interrupt() -> Iterator[None]:
    """Raise the KeyboardInterrupt of a Ctrl-C that comes during the block at the end of the block."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(number) for number in numbers]
    came = _ignore_first(KeyboardInterrupt)
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
    if came:
        raise KeyboardInterrupt


def _ignore_first(kind: type[KeyboardInterrupt]) -> list[int]:
    """Raise `kind` at the second signal; returns the list that the signals are added to."""
    came: list[int] = []

    def take(number: int, frame: FrameType | None) -> None:
        came.append(number)
        if len(came) > 1:
            raise kind

    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:  # who started us with Ctrl-C ignored wants it ignored
            signal.signal(number, take)
    return came
