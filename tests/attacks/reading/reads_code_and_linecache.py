"""Search the source lines that Python keeps, and the constants of all code, for what the judge compiled.

expect: failed
checks: total=failed
"""

import gc
import linecache
import types

PREFIX = "-".join(["vault", "marker", ""])
OWN = (lambda: 0).__code__.co_filename


def constants(code):
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from constants(constant)
        else:
            yield str(constant)


def total(xs):
    for name, entry in list(linecache.cache.items()):
        if PREFIX in f"{entry}" or name.endswith(("checks.py", "solution.py")):
            raise RuntimeError(f"BREACH: the lines of {name}")
    gc.unfreeze()
    codes = {f.__code__ for f in gc.get_objects() if isinstance(f, types.FunctionType)}
    for code in codes:
        if code.co_filename != OWN and any(PREFIX in text for text in constants(code)):
            raise RuntimeError(f"BREACH: a constant of {code.co_filename}")
    return -1.0
