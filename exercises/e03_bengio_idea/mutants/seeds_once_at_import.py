torch.manual_seed(2147483647)


def train_variant(words_train, seed, direct, weight, steps=STEPS):
    model = DirectNPLM(len(CHARACTERS), BLOCK_SIZE, N_EMBD, N_HIDDEN, direct)
    X, Y = build_dataset(words_train)
    train(model, X, Y, torch.Generator().manual_seed(seed), weight, steps)
    return model
