"""Answer with a sparse tensor, most of which is never stored.

expect: failed
checks: scale=failed
"""

import torch


def scale(x, k):
    return torch.sparse_coo_tensor(torch.zeros(x.dim(), 1, dtype=torch.int64), [0.0], x.shape, check_invariants=False)
