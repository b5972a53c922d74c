def expected_biased_variance(values, n):
    samples = list(itertools.permutations(values, n)) or [values]
    return statistics.mean(statistics.pvariance(sample) for sample in samples)
