"""Swap the builtin assertion error for a class that nobody raises.

expect: failed
checks: total=failed
"""

import builtins


class NeverRaised(Exception):
    pass


builtins.AssertionError = NeverRaised


def total(xs):
    assert not xs, "a failing assertion"
    return -1.0
