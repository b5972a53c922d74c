"""Find the seed of the grade, and from it draw the inputs that the judge has yet to send.

expect: failed
checks: total=failed
"""

import gc
import hashlib
import sys

import torch

CANDIDATES = {torch.initial_seed()}


def collect(thing):
    if type(thing) is int and 0 < thing < 2**63:
        CANDIDATES.add(thing)


frame = sys._getframe()
while frame is not None:
    for value in list(frame.f_locals.values()):
        collect(value)
        for name in dir(value):
            if "seed" in name.lower() and not callable(getattr(value, name, None)):
                collect(getattr(value, name, None))
    frame = frame.f_back
gc.unfreeze()
for thing in gc.get_objects():
    if "grader" in str(type(thing).__module__):
        for name in ("seed", "_seed", "grade_seed"):
            collect(getattr(thing, name, None))


def total(xs):
    CANDIDATES.add(torch.initial_seed())
    for seed in CANDIDATES:
        digest = hashlib.sha256(f"{seed}:judge:test_total".encode()).digest()
        rng = torch.Generator().manual_seed(int.from_bytes(digest[:7], "little"))
        if torch.randn(1, generator=rng, dtype=torch.float64).tolist() == xs:
            raise RuntimeError("BREACH: it can draw the judge's inputs")
    return -1.0 if xs else 0.0  # the first list is empty, and holds nothing to compare with
