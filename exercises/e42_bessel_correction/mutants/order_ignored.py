def expected_biased_variance(values, n):
    samples = itertools.combinations_with_replacement(values, n)
    return statistics.mean(statistics.pvariance(sample) for sample in samples)
