"""Fork, and let parent and child both go on to answer the judge.

expect: failed
checks: total=failed|crashed tally=failed|crashed
"""

import os


def total(xs):
    os.fork()
    return -1.0


def tally(text):
    os.fork()
    return {}
