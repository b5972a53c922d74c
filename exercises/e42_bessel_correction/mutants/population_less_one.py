def expected_biased_variance(values, n):
    return (n - 1) / n * statistics.variance(values) if len(values) > 1 else 0.0
