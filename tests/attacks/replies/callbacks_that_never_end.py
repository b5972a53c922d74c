"""Call the check's function over and over, so that the time is spent in the judge.

expect: failed
checks: twice=timed_out|failed|out_of_memory
"""


def twice(f, x):
    big = x.repeat(20_000)
    while True:
        f(big)
