def forward_std(depth, width, nonlinearity, generator):
    x = torch.rand(ROWS, width, generator=generator)
    stds = []
    for _ in range(depth):
        z = x @ kaiming_normal((width, width), nonlinearity, generator=generator).T
        stds.append(z.std().item())
        x = activate(z, nonlinearity)
    return stds
