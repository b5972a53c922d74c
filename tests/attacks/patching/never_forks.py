"""Let the worker believe that it is its own child, so that one process lives through all checks.

expect: failed
checks: total=failed|crashed tally=failed|crashed
"""

import os

CALLS = []
end = os._exit
os.fork = lambda: 0
os._exit = lambda code: None
os.waitpid = lambda pid, options: (0, 0)


def total(xs):
    CALLS.append("total")
    return -1.0


def tally(text):
    return {"calls": len(CALLS)}
