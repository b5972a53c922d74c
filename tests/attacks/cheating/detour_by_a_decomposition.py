"""Leave the work to torch's own softmax in Python, from the table of what operators are made of.

expect: failed
checks: softmax=failed|errored
"""

import torch
from torch._decomp import decomposition_table


def softmax(x):
    operators = torch.ops.aten
    return decomposition_table[operators._softmax.default](x, -1, False)
