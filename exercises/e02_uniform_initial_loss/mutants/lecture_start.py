import torch


def init_parameters(vocab_size, block_size, n_embd, n_hidden, generator):
    fan_in = block_size * n_embd
    return {
        "C": torch.randn(vocab_size, n_embd, generator=generator),
        "W1": torch.randn(fan_in, n_hidden, generator=generator),
        "b1": torch.randn(n_hidden, generator=generator),
        "W2": torch.randn(n_hidden, vocab_size, generator=generator),
        "b2": torch.randn(vocab_size, generator=generator),
    }
