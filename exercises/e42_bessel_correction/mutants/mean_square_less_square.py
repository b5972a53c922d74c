def variance(x, dim, unbiased):
    n = x.shape[dim]
    return ((x**2).sum(dim) - x.sum(dim) ** 2 / n) / (n - unbiased)
