"""One run of pytest on one file, made ready before it is known which: half of pytest's time is its start."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any, NamedTuple

import pytest

#: Plugins the checks do not need. The two exception plugins run full garbage collections after every test,
#: which touch the whole heap of torch; the rest cost start-up time.
_UNUSED_PLUGINS = [
    "cacheprovider",
    "unraisableexception",
    "threadexception",
    "doctest",
    "junitxml",
    "pastebin",
    "faulthandler",
    "setuponly",
    "setupplan",
    "stepwise",
    "debugging",
    "nose",
    "logging",
]
_ARGUMENTS = (
    *("-q", "--import-mode=importlib", "--capture=no", "--tb=no", "--no-header"),
    *("-c", os.devnull, "--rootdir=/", "--noconftest", "-W", "ignore"),
    *("-o", "python_files=checks.py"),  # whose assertions pytest then explains
    *(part for name in _UNUSED_PLUGINS for part in ("-p", f"no:{name}")),
)


class Checks(NamedTuple):
    """What to run: test functions in a file, others at hand, and the plugin that knows what to make of them."""

    file: Path | None
    plugin: object
    functions: Mapping[str, Callable[..., None]] = MappingProxyType({})


def run_checks(choose: Callable[[], Checks | None]) -> int:
    """Get pytest ready, ask what to run, run it; returns pytest's exit code.

    Args:
        choose: Called once pytest is ready; None runs nothing.

    Raises:
        Exception: What `choose` raised.
    """
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.environ.pop("PYTEST_ADDOPTS", None)
    sys.dont_write_bytecode = True
    late = _LateChoice(choose)
    code = pytest.main(list(_ARGUMENTS), plugins=[late])
    if late.error is not None:
        raise late.error
    return int(code)


class _LateChoice:
    """Collects one file that is chosen when everything else is done.

    Not by pytest's arguments: they are read at the start, and a "::" or "$" in a path means something there.
    """

    def __init__(self, choose: Callable[[], Checks | None]) -> None:
        self._choose = choose
        self.error: Exception | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> bool:
        try:
            chosen = self._choose()
        except Exception as error:  # pytest would print it as a fault of its own
            self.error = error
            return True
        if chosen is not None:
            session.config.pluginmanager.register(chosen.plugin)
            items = [item for module in _make_modules(session, chosen) for item in session.genitems(module)]
            session.config.hook.pytest_collection_modifyitems(session=session, config=session.config, items=items)
            session.items, session.testscollected = items, len(items)
        return True


class _Functions(pytest.Module):
    """Functions that pytest takes for those of a file."""

    functions: Mapping[str, Callable[..., None]]

    def _getobj(self) -> ModuleType:
        module = ModuleType("declared")
        vars(module).update(self.functions)
        return module


def _make_modules(session: pytest.Session, chosen: Checks) -> Iterator[pytest.Module]:
    if chosen.file is not None:
        yield pytest.Module.from_parent(session, path=chosen.file)
    if chosen.functions:
        made: Any = _Functions.from_parent(session, path=Path("declared"))
        made.functions = chosen.functions
        yield made
