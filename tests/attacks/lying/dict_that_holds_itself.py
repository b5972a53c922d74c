"""Answer with a dict in which it stands itself.

expect: failed
checks: tally=failed
"""


def tally(text):
    counts = {}
    counts["a"] = counts
    return counts
