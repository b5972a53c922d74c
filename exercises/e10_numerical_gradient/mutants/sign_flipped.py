def forward_difference(f, args, i, h=1e-6):
    return (f(*args) - f(*nudge(args, i, h))) / h
