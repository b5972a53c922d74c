"""What the environment may say about the grading server: whether there is one, and how long it stays."""

import os
import sys

from grader.core.errors import UsageError

#: Whether a server may be used.
SWITCH = "STUDY_SERVER"
_ON, _OFF = ("on", "1", "yes", "true", ""), ("off", "0", "no", "false")
#: After how many idle seconds a server ends.
IDLE = "STUDY_SERVER_IDLE_S"
#: Torch keeps some 300 MB; who has not graded for so long is asleep.
DEFAULT_IDLE_S = 900.0
#: A week. The server waits in milliseconds that must fit into 31 bits, which are 24 days.
MAX_IDLE_S = 7 * 86400.0


def is_switched_on() -> bool:
    """Tell what STUDY_SERVER says; without it a server may be used.

    Raises:
        UsageError: If it says neither on nor off.
    """
    value = os.environ.get(SWITCH, "on")
    if value.lower() in _OFF:
        return False
    if value.lower() in _ON:
        return True
    raise UsageError(f"{SWITCH} is `{value}`; it may be `on` or `off`", hint=f"unset {SWITCH}")


def is_wanted() -> bool:
    """Tell whether a server may be used: STUDY_SERVER can forbid it, and only Linux can isolate what it forks.

    Raises:
        UsageError: If STUDY_SERVER says neither on nor off.
    """
    return is_switched_on() and sys.platform == "linux"


def read_idle_s() -> float:
    """Return after how many idle seconds a server ends.

    Raises:
        UsageError: If STUDY_SERVER_IDLE_S is not such a number.
    """
    value = os.environ.get(IDLE, "")
    if not value:
        return DEFAULT_IDLE_S
    try:
        idle_s = float(value)
    except ValueError:
        idle_s = 0.0
    if not 0 < idle_s <= MAX_IDLE_S:  # false for nan too
        raise UsageError(
            f"{IDLE} is `{value}`; it must be a number of seconds above 0, at most {MAX_IDLE_S:.0f}",
            hint=f"unset {IDLE}   (then it is {DEFAULT_IDLE_S:.0f})",
        )
    return idle_s


def check_settings() -> None:
    """Check all of it at once, before anything is started.

    Raises:
        UsageError: If a variable cannot be used; the message names it.
    """
    if is_wanted():
        read_idle_s()
