_draw = kaiming_normal


def kaiming_normal(shape, nonlinearity, mode="fan_in", generator=None):
    return _draw(shape, nonlinearity, mode)
