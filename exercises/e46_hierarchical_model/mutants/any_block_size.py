_build = build_hierarchical


def build_hierarchical(vocab_size, block_size, n_embd, n_hidden, generator=None):
    return _build(vocab_size, 2 ** max(1, block_size.bit_length() - 1), n_embd, n_hidden, generator)
