"""Look the function up by a name that is put together when it runs.

expect: failed
checks: softmax=failed|errored
"""

import torch


def softmax(x):
    return getattr(torch, "soft" + "max")(x, -1)
