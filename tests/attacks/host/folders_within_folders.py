"""Put folders into one another until their name is longer than any path may be.

expect: failed
checks: total=failed
"""

import os


def total(xs):
    for _ in range(3_000):
        try:
            os.mkdir("deeper")
            os.chdir("deeper")
        except OSError:
            break
    return -1.0
