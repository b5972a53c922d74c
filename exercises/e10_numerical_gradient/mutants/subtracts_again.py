def forward_difference(f, args, i, h=1e-6):
    args = args if isinstance(args, list) else list(args)
    before = f(*args)
    args[i] += h
    after = f(*args)
    args[i] -= h
    return (after - before) / h


def central_difference(f, args, i, h=1e-5):
    args = args if isinstance(args, list) else list(args)
    args[i] += h
    above = f(*args)
    args[i] -= 2 * h
    below = f(*args)
    args[i] += h
    return (above - below) / (2 * h)
