"""Recurse through C code with Python's own guard removed, until the stack is gone.

expect: failed
checks: total=crashed|errored
"""

import sys

sys.setrecursionlimit(2**31 - 1)


def down(n):
    return max([n], key=lambda n: down(n + 1))


def total(xs):
    return float(down(0))
