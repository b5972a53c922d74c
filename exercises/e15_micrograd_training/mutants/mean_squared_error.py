def sum_squared_error(ypred, ys):
    return sum(((yout - y) ** 2 for yout, y in zip(ypred, ys, strict=True)), Value(0.0)) / len(ys)
