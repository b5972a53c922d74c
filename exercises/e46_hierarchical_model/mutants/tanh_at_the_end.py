_build = build_hierarchical


def build_hierarchical(vocab_size, block_size, n_embd, n_hidden, generator=None):
    return Sequential([*_build(vocab_size, block_size, n_embd, n_hidden, generator).layers, Tanh()])
