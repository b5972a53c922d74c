def expected_biased_variance(values, n):
    samples = itertools.product(sorted(set(values)), repeat=n)
    return statistics.mean(statistics.pvariance(sample) for sample in samples)
