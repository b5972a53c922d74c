"""Leave a child that prints while nobody asks it to, between the checks and after the last.

expect: failed
checks: total=failed|timed_out tally=failed|timed_out
layers: pid_namespace
"""

import os


def leave_a_child():
    if os.fork() == 0:
        while True:
            os.write(1, b"FORGED passed\n" * 1_000)


def total(xs):
    leave_a_child()
    return -1.0


def tally(text):
    leave_a_child()
    return {}
