"""Programs beside Python that some tests need: without one they are skipped, which is told and counted."""

import re
import shutil
from collections import Counter
from collections.abc import Iterable

import pytest

_REASON = re.compile(r"NOT TESTED without (\S+):")


def need_program(name: str) -> str:
    """Return a program's path; skip the test if it is not installed. .ci/run sees to it that this never happens there."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"NOT TESTED without {name}: apt-get install {name}")
    return path


def count_missing(reasons: Iterable[str]) -> list[str]:
    """Count the tests that were skipped for want of a program: a line for each program."""
    found = Counter(match[1] for reason in reasons if (match := _REASON.search(reason)))
    return [
        f"NOT TESTED without {name}: {count} {'test' if count == 1 else 'tests'} (apt-get install {name})"
        for name, count in sorted(found.items())
    ]
