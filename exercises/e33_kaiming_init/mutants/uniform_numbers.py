def kaiming_normal(shape, nonlinearity, mode="fan_in", generator=None):
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"{mode}")
    fan = fan_in_out(shape)[mode == "fan_out"]
    return (torch.rand(shape, generator=generator) * 2 - 1) * math.sqrt(3) * gain(nonlinearity) / math.sqrt(fan)
