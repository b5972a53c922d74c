"""Import the forbidden function under a harmless name.

expect: failed
checks: softmax=failed
"""

from torch.nn.functional import softmax as layer_norm


def softmax(x):
    return layer_norm(x, -1)
