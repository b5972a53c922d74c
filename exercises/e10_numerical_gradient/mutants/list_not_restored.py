def nudge(args, i, h):
    args[i] += h
    return args


def forward_difference(f, args, i, h=1e-6):
    before = f(*args)
    return (f(*nudge(args, i, h)) - before) / h


def central_difference(f, args, i, h=1e-5):
    above = f(*nudge(args, i, h))
    return (above - f(*nudge(args, i, -2 * h))) / (2 * h)
