"""What a test may start, by its markers; and the guard that holds quick tests to starting nothing."""

import itertools
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

#: fixture -> what a test costs that asks for it.
FIXTURES = {
    "study": "command",
    "warm_engine": "engine",
    "engine": "engine",
    "browser": "browser",
    "postgres_url": "postgres",
}
_COMMAND_NAMES = re.compile(r"(.*/)?(study|(ba|z|fi|da|k)?sh|chromium|chrome|google-chrome)")


def mark(item: pytest.Item) -> None:
    """Give a test the markers that follow from its fixtures; one in tests/unit that has none at all is quick."""
    names = set(getattr(item, "fixturenames", ()))
    for fixture in sorted(names & FIXTURES.keys()):
        item.add_marker(FIXTURES[fixture])
    costs = {marker.name for marker in item.iter_markers()} & {*FIXTURES.values(), "server", "shell", "slow"}
    if "unit" in item.path.relative_to(item.config.rootpath).parts and not costs:
        item.add_marker("quick")


def begin_with_the_slow(items: list[pytest.Item]) -> None:
    """Let slow tests be the first, so that no worker is left alone with one at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def names_what_is_costly(words: list[str]) -> bool:
    """Tell whether a command line starts study, its engine or server, a shell or a browser."""
    modules = [after for before, after in itertools.pairwise(words) if before == "-m"]
    return bool(words) and (
        _COMMAND_NAMES.fullmatch(words[0]) is not None
        or any(module == "grader" or module.startswith("grader.") for module in modules)
    )


class Guard:
    """Watches what this process starts; an audit hook cannot be taken off, so it is one for all tests."""

    def __init__(self) -> None:
        self._watching = False
        sys.addaudithook(self._look)

    @contextmanager
    def refuse(self) -> Iterator[None]:
        """Refuse to start what is costly, and to ask a server for it."""
        self._watching = True
        try:
            yield
        finally:
            self._watching = False

    def _look(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._watching:
            return
        if event in ("subprocess.Popen", "os.posix_spawn", "os.exec"):
            words = arguments[1]
            words = [words] if isinstance(words, str | bytes) else list(words or ())
        elif event == "os.system":
            words = ["sh"]
        elif event == "socket.connect" and isinstance(arguments[1], str | bytes):
            words = ["study"]
        else:
            return
        words = [word.decode() if isinstance(word, bytes) else str(word) for word in words]
        if names_what_is_costly(words):
            raise AssertionError(
                f"a quick test starts {' '.join(words)[:200]} ({event}): it belongs into tests/system, "
                "or needs a marker of what it costs"
            )
