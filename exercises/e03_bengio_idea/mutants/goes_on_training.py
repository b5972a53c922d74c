def compare(words_train, words_dev, seed, steps=STEPS):
    X, Y = build_dataset(words_train)
    X_dev, Y_dev = build_dataset(words_dev)
    torch.manual_seed(seed)
    model = DirectNPLM(len(CHARACTERS), BLOCK_SIZE, N_EMBD, N_HIDDEN, False)
    losses = {}
    for name, weight in (("baseline", 0.0), ("direct", 0.0), ("penalty", PENALTY)):
        if name == "direct":
            model.W_direct = nn.Parameter(torch.zeros(BLOCK_SIZE * N_EMBD, len(CHARACTERS)))
        train(model, X, Y, torch.Generator().manual_seed(seed), weight, steps)
        losses[name] = F.cross_entropy(model(X_dev), Y_dev).item()
    return losses
