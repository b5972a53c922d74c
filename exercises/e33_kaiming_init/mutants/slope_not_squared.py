_gain = gain


def gain(nonlinearity, param=None):
    slope = LEAKY_SLOPE if param is None else param
    return math.sqrt(2 / (1 + slope)) if nonlinearity == "leaky_relu" and slope > -1 else _gain(nonlinearity, param)
