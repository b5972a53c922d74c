"""Subtract the library's logarithm of the sum.

expect: failed
checks: softmax=failed|errored
"""


def softmax(x):
    return (x - x.logsumexp(-1, keepdim=True)).exp()
