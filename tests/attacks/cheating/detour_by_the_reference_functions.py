"""Leave the work to the functions that torch checks its operators with.

expect: failed
checks: softmax=failed|errored
"""

import torch._refs.nn.functional as functions


def softmax(x):
    return functions.softmin(-x, -1)
