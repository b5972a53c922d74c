"""Put another function under the name of the given one, again and again while it runs.

expect: failed
checks: differentiable=errored
"""


def formula(x, weights):
    return 3 * x**2 * weights


def cube(x):
    globals()["differentiate"] = formula
    return x.detach() ** 3


globals()["differentiate"] = formula
