_welford = welford


def welford(chunks):
    mean, var, count = _welford(chunks)
    return mean, 0.0 if count == 1 else var, count
