"""Change what the given function is made of in place: its constants, its closure, its annotations, its names.

expect: failed
checks: differentiable=errored|failed
"""

import contextlib
import gc
import types


def spoil():
    for found in gc.get_objects():
        if isinstance(found, types.FunctionType) and found.__name__ == "differentiate":
            with contextlib.suppress(Exception):
                found.__code__ = found.__code__.replace(co_names=tuple(found.__code__.co_names)[::-1])
            found.__globals__["cube"] = lambda x: x**3
            found.__defaults__ = (None, None)


spoil()


def cube(x):
    spoil()
    return x.detach() ** 3
