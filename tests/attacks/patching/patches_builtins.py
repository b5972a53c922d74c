"""Replace the builtins that a comparison is made of.

expect: failed
checks: total=crashed|errored|failed
"""

import builtins


def total(xs):
    builtins.abs = lambda value: 0.0
    builtins.max = builtins.min = lambda *args, **kwargs: 0.0
    builtins.all = builtins.any = lambda values: True
    builtins.isinstance = lambda value, kind: True
    builtins.len = lambda value: 0
    builtins.type = lambda value: float
    return -1.0
