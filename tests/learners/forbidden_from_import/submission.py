from torch import add


def double(x):
    return add(x, x)
