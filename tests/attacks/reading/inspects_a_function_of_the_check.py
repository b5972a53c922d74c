"""Look into a function that the check gave it: its closure, its globals, its code.

expect: failed
checks: twice=failed
"""

import gc

PREFIX = "-".join(["vault", "marker", ""])


def twice(f, x):
    cells = [cell.cell_contents for cell in f.__closure__ or ()]
    seen = [type(cell).__name__ for cell in cells]
    if f.__code__.co_filename.endswith("checks.py") or f.__name__ == "f":
        raise RuntimeError("BREACH: the check's own function came over")
    names = {name for cell in cells for name in getattr(cell, "__dict__", {})}
    if {"factor", "calls", "reference"} & {*f.__code__.co_freevars, *f.__globals__, *names}:
        raise RuntimeError(f"BREACH: the check's variables came over: {seen}")
    for near in gc.get_referents(f, *cells):
        if isinstance(near, dict) and any(type(value) is str and PREFIX in value for value in near.values()):
            raise RuntimeError("BREACH: a secret hangs on the check's function")
    return x
