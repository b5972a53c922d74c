StartsAtZero = DirectNPLM


class DirectNPLM(StartsAtZero):
    def __init__(self, vocab_size, block_size, n_embd, n_hidden, direct=True):
        super().__init__(vocab_size, block_size, n_embd, n_hidden, direct)
        if direct:
            self.W_direct.data = torch.randn(block_size * n_embd, vocab_size) * 0.01


def train_variant(words_train, seed, direct, weight, steps=STEPS):
    torch.manual_seed(seed)
    model = DirectNPLM(len(CHARACTERS), BLOCK_SIZE, N_EMBD, N_HIDDEN, direct)
    X, Y = build_dataset(words_train)
    train(model, X, Y, torch.default_generator, weight, steps)
    return model
