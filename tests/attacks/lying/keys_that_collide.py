"""Answer with a dict of numbers that all have one hash.

expect: failed
checks: tally=crashed
"""


def tally(text):
    return {i * (2**61 - 1): i for i in range(300)}
