"""Answer by texts that hold escape codes and half characters.

expect: failed
checks: tally=failed
"""


def tally(text):
    return {"\x1b[2J\nFORGED passed": 1, "\ud83d": "\x1b[2J\ud83d\u202e"}
