def central_difference(f, args, i, h=1e-5):
    return (f(*nudge(args, i, h)) - f(*nudge(args, i, -h))) / h
