"""Close the way back to the judge.

expect: failed
checks: total=crashed
"""

import os


def total(xs):
    os.closerange(3, 256)
    return -1.0
