"""Print a hundred megabytes without a line end, then many short lines, on both outputs.

expect: failed
checks: total=failed|timed_out
"""

import os

BLOCK = b"x" * (1 << 16)
LINES = b"noise\n" * 10_000


def total(xs):
    for _ in range(800):
        os.write(1, BLOCK)
        os.write(2, BLOCK)
    for _ in range(100):
        os.write(1, LINES)
    return -1.0
