def build_hierarchical(vocab_size, block_size, n_embd, n_hidden, generator=None):
    if block_size.bit_count() != 1 or block_size == 1:
        raise ValueError(f"{block_size}")
    layers, fan_in = [Embedding(vocab_size, n_embd, generator)], n_embd
    while block_size > 1:
        layers += [FlattenConsecutive(2), Linear(fan_in, n_hidden, False, generator), BatchNorm1d(n_hidden), Tanh()]
        fan_in, block_size = n_hidden, block_size // 2
    last = Linear(n_hidden, vocab_size, generator=generator)
    last.weight *= 0.1
    return Sequential([*layers, last])
