_draw = kaiming_normal


def kaiming_normal(shape, nonlinearity, mode="fan_in", generator=None):
    return _draw(shape, nonlinearity, "fan_in" if mode == "fan_in" else "fan_out", generator)
