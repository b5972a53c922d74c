def variance(x, dim, unbiased):
    return ((x - x.mean(dim, keepdim=True)) ** 2).sum(dim) / (x.numel() - unbiased)
