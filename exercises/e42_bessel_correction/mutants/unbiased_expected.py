def expected_biased_variance(values, n):
    return statistics.pvariance(values)
