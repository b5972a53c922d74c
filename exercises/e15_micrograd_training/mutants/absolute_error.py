def sum_squared_error(ypred, ys):
    return sum((yout - y for yout, y in zip(ypred, ys, strict=True)), Value(0.0))
