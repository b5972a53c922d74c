"""Make the judge's seeds from the one it finds, and know the inputs before they come.

expect: failed
checks: total=failed
"""

import hashlib

import torch

FOUND = torch.initial_seed()


def _inputs_of(seed):
    digest = hashlib.sha256(f"{seed}:judge:test_total".encode()).digest()
    rng = torch.Generator().manual_seed(int.from_bytes(digest[:7], "little"))
    return torch.randn(1, generator=rng, dtype=torch.float64).tolist()


def total(xs):
    for seed in (FOUND, torch.initial_seed(), *range(200)):
        if len(xs) == 1 and xs == _inputs_of(seed):
            print("BREACH: the inputs were known beforehand")
    return 0.0
