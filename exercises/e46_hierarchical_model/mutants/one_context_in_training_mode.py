def receptive_field(model, block_size):
    model.train(True)
    X = torch.zeros(1, block_size, dtype=torch.int64)
    before, found = model(X), 0
    for position in range(block_size):
        other = X.clone()
        other[0, position] = 1
        found += bool((model(other) - before).abs().max() > 1e-6)
    return found
