import torch


def init_parameters(vocab_size, block_size, n_embd, n_hidden, generator):
    fan_in = block_size * n_embd
    return {
        "C": torch.randn(vocab_size, n_embd, generator=generator),
        "W1": torch.randn(fan_in, n_hidden, generator=generator) / fan_in**0.5,
        "b1": torch.zeros(n_hidden),
        "W2": torch.zeros(n_hidden, vocab_size),
        "b2": torch.zeros(vocab_size),
    }
