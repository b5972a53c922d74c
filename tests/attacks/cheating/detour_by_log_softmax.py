"""Take the logarithm's softmax, which has another name, and undo the logarithm.

expect: failed
checks: softmax=failed|errored
"""


def softmax(x):
    return x.log_softmax(-1).exp()
