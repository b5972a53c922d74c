"""Write into the memory of the process that each check is made from.

expect: failed
checks: total=failed tally=failed
"""

import contextlib
import ctypes
import os

BOX = ctypes.create_string_buffer(b"vault", 16)


def total(xs):
    with contextlib.suppress(OSError), open(f"/proc/{os.getppid()}/mem", "r+b", buffering=0) as memory:
        memory.seek(ctypes.addressof(BOX))
        memory.write(b"BREACH")
    return -1.0


def tally(text):
    return {}
