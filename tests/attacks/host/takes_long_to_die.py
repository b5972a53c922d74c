"""Map the same pages ten thousand times, so that its end takes the kernel long.

expect: failed
checks: total=failed|out_of_memory|timed_out|crashed tally=failed
"""

import mmap
import os


def total(xs):
    file = os.open("pages", os.O_RDWR | os.O_CREAT)
    os.ftruncate(file, 1 << 20)
    held = []
    try:
        for _ in range(10_000):
            held.append(mmap.mmap(file, 1 << 20, flags=mmap.MAP_SHARED | getattr(mmap, "MAP_POPULATE", 0)))
    except (OSError, MemoryError):
        pass
    return -1.0


def tally(text):
    return {}
