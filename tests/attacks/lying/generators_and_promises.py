"""Answer with things that would still have to be run.

expect: failed
checks: total=failed tally=failed scale=failed
"""


def total(xs):
    yield from xs


async def tally(text):
    return {c: text.count(c) for c in text}


def scale(x, k):
    return lambda: x * k
