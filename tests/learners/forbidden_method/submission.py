def double(x):
    y = x.clone()
    return y.mul_(2)
