def forward_std(depth, width, nonlinearity, generator):
    x = torch.randn(ROWS, width, generator=generator)
    stds = []
    for _ in range(depth):
        z = x @ kaiming_normal((width, width), nonlinearity).T
        stds.append(z.std().item())
        x = activate(z, nonlinearity)
    return stds
