"""Print codes that clear a terminal, set its title and go back over a line.

expect: failed
checks: total=failed
"""


def total(xs):
    print("\x1b[2J\x1b[H\x1b]0;9 passed\x07\x1b[32mall checks passed\x1b[0m")
    print("failed\rpassed\x08\x08\x9b2K\x00\x7f")
    print("one\u2028FORGED two\x0bFORGED three\x85FORGED four")
    return -1.0
