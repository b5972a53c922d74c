"""Work for the first questions of each process, and coast from then on.

expect: failed
checks: total=failed tally=failed
"""

CALLS = []


def total(xs):
    CALLS.append(xs)
    return float(sum(xs)) if len(CALLS) < 5 else 0.0


def tally(text):
    CALLS.append(text)
    return {c: text.count(c) for c in text} if len(CALLS) < 4 else {}
