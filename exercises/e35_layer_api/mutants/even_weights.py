class Linear(Linear):
    def __init__(self, fan_in, fan_out, bias=True, generator=None):
        super().__init__(fan_in, fan_out, bias, generator)
        self.weight = (torch.rand(fan_in, fan_out, generator=generator) - 0.5) * (12 / fan_in) ** 0.5
