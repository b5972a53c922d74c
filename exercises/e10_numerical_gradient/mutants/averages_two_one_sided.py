def central_difference(f, args, i, h=1e-5):
    right = (f(*nudge(args, i, h)) - f(*args)) / h
    left = (f(*args) - f(*nudge(args, i, -h))) / h
    return (right + left) / 2
