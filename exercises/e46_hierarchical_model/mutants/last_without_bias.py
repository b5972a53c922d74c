_build = build_hierarchical


def build_hierarchical(vocab_size, block_size, n_embd, n_hidden, generator=None):
    model = _build(vocab_size, block_size, n_embd, n_hidden, generator)
    model.layers[-1].bias = None
    return model
