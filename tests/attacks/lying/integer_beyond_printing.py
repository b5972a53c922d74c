"""Answer with an integer that takes minutes to write out.

expect: failed
checks: total=failed tally=failed
"""


def total(xs):
    return 1 << 8_000_000


def tally(text):
    return dict.fromkeys(text or "a", 1 << 8000)
