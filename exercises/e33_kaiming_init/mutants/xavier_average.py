def kaiming_normal(shape, nonlinearity, mode="fan_in", generator=None):
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"{mode}")
    return torch.randn(shape, generator=generator) * gain(nonlinearity) / math.sqrt(sum(fan_in_out(shape)) / 2)
