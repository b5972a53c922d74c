def kaiming_normal(shape, nonlinearity, mode="fan_in", generator=None):
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"{mode}")
    fan_in, fan_out = fan_in_out(shape)
    return torch.randn(shape, generator=generator) * gain(nonlinearity) / (fan_in if mode == "fan_in" else fan_out)
