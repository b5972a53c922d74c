import math


def variance(x, dim, unbiased):
    n = x.size(dim)
    biased = (x - x.sum(dim, keepdim=True) / n).pow(2).mean(dim)
    return biased * n / (n - 1) if unbiased and n > 1 else (biased * math.nan if unbiased else biased)


def welford(chunks):
    count, mean, squares = 0, 0.0, 0.0
    for chunk in chunks:
        for x in chunk.tolist():
            count += 1
            delta = x - mean
            mean += delta / count
            squares += delta * (x - mean)
    if count == 0:
        return math.nan, math.nan, 0
    return mean, squares / (count - 1) if count > 1 else math.nan, count


def expected_biased_variance(values, n):
    mean = sum(values) / len(values)
    return (n - 1) / n * sum((v - mean) ** 2 for v in values) / len(values)
