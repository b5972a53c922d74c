def mean_of(values):
    if not values:
        raise ValueError("the mean of nothing")
    return float(sum(values))
