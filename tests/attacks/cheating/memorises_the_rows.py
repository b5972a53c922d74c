"""Learn every row it was shown by heart, and nothing else.

expect: failed
checks: fit=failed
"""

import torch


def fit(x, y):
    known = {tuple(row): answer for row, answer in zip(x.tolist(), y.tolist(), strict=True)}
    return lambda rows: torch.tensor([known.get(tuple(row), 0.0) for row in rows.tolist()], dtype=torch.float64)
