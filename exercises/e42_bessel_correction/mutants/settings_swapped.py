_variance = variance


def variance(x, dim, unbiased):
    return _variance(x, dim, not unbiased)
