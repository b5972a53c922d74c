"""Replace the given function, through which a check looks, by a formula.

expect: failed
checks: differentiable=failed
"""


def differentiate(x, weights):
    return 3 * x**2 * weights


def cube(x):
    return x.detach() ** 3  # wrong: no gradient can reach anything
