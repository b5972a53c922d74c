def forward_difference(f, args, i, h=1e-6):
    moved = args
    moved[i] += h
    return (f(*moved) - f(*args)) / h
