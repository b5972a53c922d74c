"""End every process with the code by which the grader's own processes tell that memory has run out.

expect: failed
checks: total=out_of_memory tally=errored
"""

import os


def total(xs):
    os._exit(77)


def tally(text):
    raise SystemExit(77)
