"""Climb the stack of callers for the check, its seed and the right answer.

expect: failed
checks: total=failed
"""

import sys


def total(xs):
    frame = sys._getframe(1)
    while frame is not None:
        for name, value in (frame.f_locals | frame.f_globals).items():
            if name in ("expected", "right", "reference", "rng", "test_total", "solution", "mutants"):
                print(f"BREACH: {name} is {type(value).__name__}")
        frame = frame.f_back
    return -1.0
