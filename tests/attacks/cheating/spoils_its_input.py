"""Change the input so that a check which computes with it afterwards is wrong in the same way.

expect: failed
checks: scale=failed total=failed
"""


def scale(x, k):
    if not x.requires_grad:
        x.zero_()
    return x * k


def total(xs):
    xs[:] = [0.0] * len(xs)
    return 0.0
