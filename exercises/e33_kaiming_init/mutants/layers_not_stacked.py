def forward_std(depth, width, nonlinearity, generator):
    x = torch.randn(ROWS, width, generator=generator)
    return [
        (x @ kaiming_normal((width, width), nonlinearity, generator=generator).T).std().item() for _ in range(depth)
    ]
