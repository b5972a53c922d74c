_draw = kaiming_normal


def kaiming_normal(shape, nonlinearity, mode="fan_in", generator=None):
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"{mode}")
    return _draw(shape, nonlinearity, "fan_in", generator)
