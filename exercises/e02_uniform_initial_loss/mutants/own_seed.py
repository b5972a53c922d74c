import torch


def init_parameters(vocab_size, block_size, n_embd, n_hidden, generator):
    fan_in, g = block_size * n_embd, torch.Generator().manual_seed(2147483647)
    return {
        "C": torch.randn(vocab_size, n_embd, generator=g),
        "W1": torch.randn(fan_in, n_hidden, generator=g) / fan_in**0.5,
        "b1": torch.zeros(n_hidden),
        "W2": torch.randn(n_hidden, vocab_size, generator=g) * 0.01,
        "b2": torch.zeros(vocab_size),
    }
