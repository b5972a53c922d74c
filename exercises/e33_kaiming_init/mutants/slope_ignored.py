_gain = gain


def gain(nonlinearity, param=None):
    return _gain(nonlinearity)
