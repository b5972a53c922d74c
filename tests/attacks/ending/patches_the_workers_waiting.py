"""Replace what the worker waits with, so that every check seems to have ended well, or not at all.

expect: failed
checks: total=crashed|failed tally=crashed|failed
"""

import os

os.waitpid = lambda pid, options: (pid, 0)
os.waitstatus_to_exitcode = lambda status: 0


def total(xs):
    os._exit(0)


def tally(text):
    return {}
