def compare(words_train, words_dev, seed, steps=STEPS):
    X, Y = build_dataset(words_dev)
    losses = {}
    for name, direct, weight in (("baseline", False, 0.0), ("direct", True, 0.0), ("penalty", False, PENALTY)):
        model = train_variant(words_train, seed, direct, weight, steps)
        losses[name] = F.cross_entropy(model(X), Y).item()
        seed += 1
    return losses
