"""Ask for the end of the program with code 0, as a script that is done.

expect: failed
checks: total=errored
"""

import sys


def total(xs):
    sys.exit(0)
