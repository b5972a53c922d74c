_build = build_hierarchical


def build_hierarchical(vocab_size, block_size, n_embd, n_hidden, generator=None):
    return _build(vocab_size, 2 if block_size == 1 else block_size, n_embd, n_hidden, generator)
