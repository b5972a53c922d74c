def sum_squared_error(ypred, ys):
    return Value(sum((yout.data - y) ** 2 for yout, y in zip(ypred, ys, strict=True)))
