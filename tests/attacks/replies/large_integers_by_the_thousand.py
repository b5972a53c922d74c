"""Answer with tens of thousands of integers that are as long as an integer may be.

expect: failed
checks: tally=failed|errored|out_of_memory|timed_out
"""

LONG = (1 << 8_000) - 1


def tally(text):
    return {str(i): LONG - i for i in range(50_000)}
