"""Answer with a million objects that the judge has to keep a handle for.

expect: failed
checks: counter=failed|errored|out_of_memory|crashed|timed_out
"""


class Thing:
    count = 0


def make_counter(start):
    return [Thing() for _ in range(1_900_000)]
