_welford = welford


def welford(chunks):
    mean, var, count = _welford(chunks)
    return mean, var * (count - 1) / count if count > 1 else var, count
