"""Look for the answer in memory that was not cleared, as if the reference had just run here.

expect: failed
checks: total=failed
"""

import ctypes

import numpy as np
import torch

PREFIX = "-".join(["vault", "marker", ""]).encode()


def leftovers():
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    for size in (1, 2, 3, 4, 5, 8, 16, 64, 200, 1024, 2**14, 2**17):
        for _ in range(20):
            yield torch.empty(size, dtype=torch.float64).numpy()
            yield np.empty(size)
            block = libc.malloc(ctypes.c_size_t(8 * size))
            yield np.frombuffer(ctypes.string_at(block, 8 * size))


def total(xs):
    found = [block.copy() for block in leftovers()]
    right = sum(xs)  # only now, so that it does not find its own
    for block in found:
        if PREFIX in block.tobytes() or (len(xs) > 1 and (block == right).any()):
            raise RuntimeError("BREACH: the reference left its answer behind")
    return -1.0
