import torch


def welford(chunks):
    x = torch.cat([torch.zeros(0, dtype=torch.float64), *(chunk.double() for chunk in chunks)])
    n = len(x)
    m = x.mean().item() if n else math.nan
    return m, ((x - m) ** 2).sum().item() / (n - 1) if n > 1 else math.nan, n
