_draw = kaiming_normal


def kaiming_normal(shape, nonlinearity, mode="fan_in", generator=None):
    return _draw(shape, nonlinearity, mode, generator or torch.Generator().manual_seed(2147483647))
