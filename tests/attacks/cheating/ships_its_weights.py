"""Predict with weights that were fitted at home.

expect: failed
checks: fit=failed
"""

import torch

WEIGHTS = torch.tensor([0.3367, 0.1288, 0.2345], dtype=torch.float64)


def fit(x, y):
    return lambda rows: rows @ WEIGHTS[: rows.shape[-1]]
