"""Read past the end of what the judge lent, and before its beginning.

expect: failed
checks: scale=failed|crashed total=failed
"""

import ctypes

import torch

MARK = b"vault-marker-"


def scale(x, k):
    with open("/proc/self/maps") as maps:
        lent = [line.split() for line in maps if "memfd" in line or "deleted" in line]
    for span, rights, *_ in lent:
        first, last = (int(part, 16) for part in span.split("-"))
        if "r" in rights and MARK in ctypes.string_at(first, last - first):
            raise RuntimeError("BREACH: lent memory holds more than the request")
    return torch.zeros_like(x)


def total(xs):
    return -1.0
