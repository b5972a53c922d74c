def build_hierarchical(vocab_size, block_size, n_embd, n_hidden, generator=None):
    if block_size.bit_count() != 1 or block_size == 1:
        raise ValueError(f"{block_size}")
    layers = [Embedding(vocab_size, n_embd, generator), FlattenConsecutive(block_size)]
    layers += [Linear(block_size * n_embd, n_hidden, False, generator), BatchNorm1d(n_hidden), Tanh()]
    last = Linear(n_hidden, vocab_size, generator=generator)
    last.weight *= 0.1
    return Sequential([*layers, last])
