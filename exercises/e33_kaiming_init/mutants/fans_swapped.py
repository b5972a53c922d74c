_fans = fan_in_out


def fan_in_out(shape):
    return _fans(shape)[::-1]
