"""Replace builtins before the first request is read.

expect: failed
checks: total=crashed|errored|failed
"""

import builtins

builtins.isinstance = lambda value, kind: True
builtins.float = lambda value=0: 0.0
builtins.sum = lambda values, start=0: 0.0


def total(xs):
    return -1.0
