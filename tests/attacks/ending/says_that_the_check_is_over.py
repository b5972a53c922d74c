"""Tell the worker that the judge has ended the check, and end.

expect: failed
checks: total=crashed tally=failed
"""

import gc
import mmap
import os
import sys


def total(xs):
    frame = sys._getframe()
    while frame is not None:
        for value in list(frame.f_locals.values()):
            if isinstance(value, mmap.mmap):
                value[0] = 1
        frame = frame.f_back
    for found in gc.get_objects():
        if isinstance(found, mmap.mmap):
            found[0] = 1
    os._exit(0)


def tally(text):
    return {}
