"""Find the checks, the reference and the markers among all objects that the collector knows.

expect: failed
checks: total=failed
"""

import gc
import types

PREFIX = "-".join(["vault", "marker", ""])


def search():
    gc.unfreeze()
    for thing in gc.get_objects():
        if thing is globals():
            continue
        if isinstance(thing, dict):
            strings = [value for value in list(thing.values()) if type(value) is str]
        elif type(thing) in (list, tuple):
            strings = [value for value in thing if type(value) is str]
        else:
            strings = []
        if any(PREFIX in text for text in strings):
            raise RuntimeError("BREACH: a secret among the collector's objects")
        if isinstance(thing, types.FunctionType) and thing.__code__.co_filename.endswith(("checks.py", "solution.py")):
            raise RuntimeError(f"BREACH: {thing.__qualname__} of {thing.__code__.co_filename}")
        if isinstance(thing, types.ModuleType) and thing.__name__.startswith(("checks", "grader.judge.session")):
            known = vars(thing).get("__file__", "")
            if known.endswith("checks.py"):
                raise RuntimeError("BREACH: the module of the checks")


def total(xs):
    search()
    return -1.0


search()
