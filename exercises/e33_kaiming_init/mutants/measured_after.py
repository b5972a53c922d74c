def forward_std(depth, width, nonlinearity, generator):
    x = torch.randn(ROWS, width, generator=generator)
    stds = []
    for _ in range(depth):
        x = activate(x @ kaiming_normal((width, width), nonlinearity, generator=generator).T, nonlinearity)
        stds.append(x.std().item())
    return stds
