_gain = gain


def gain(nonlinearity, param=None):
    return _gain(nonlinearity, param) if nonlinearity in ("linear", "relu", "leaky_relu", "tanh") else 1.0
