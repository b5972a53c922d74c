"""Raise texts and classes that hold escape codes, line breaks and half a character.

expect: failed
checks: total=errored tally=errored scale=errored
"""


class Trouble(Exception):
    pass


Trouble.__name__ = "Trouble\x1b[2J\nFORGED all checks passed"


def total(xs):
    raise ValueError("no\x1b[1A\x1b[2K\nFORGED expected  0.0\r\x07")


def tally(text):
    raise Trouble


def scale(x, k):
    raise ValueError("half a character: \ud83d")
