"""Give names with escape codes to globals, functions and files.

expect: failed
checks: total=errored|failed tally=failed|errored scale=failed
"""

globals()["a\x1b[2J\nFORGED passed"] = 1


def _trouble():
    raise ValueError("here")


_trouble.__code__ = _trouble.__code__.replace(co_name="f\x1b[2J\nFORGED passed\ud83d")
tally = type("C\x1b[2J\nFORGED passed", (), {})()


def total(xs):
    _trouble()
