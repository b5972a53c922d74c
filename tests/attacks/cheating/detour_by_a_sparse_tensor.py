"""Leave the work to the softmax of another layout.

expect: failed
checks: softmax=failed|errored
"""

import torch


def softmax(x):
    operation = getattr(torch.sparse, "soft" + "max")
    return operation(x.to_sparse(), -1).to_dense()
