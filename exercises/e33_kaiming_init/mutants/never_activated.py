def forward_std(depth, width, nonlinearity, generator):
    x = torch.randn(ROWS, width, generator=generator)
    stds = []
    for _ in range(depth):
        x = x @ kaiming_normal((width, width), nonlinearity, generator=generator).T
        stds.append(x.std().item())
    return stds
