import torch


def init_parameters(vocab_size, block_size, n_embd, n_hidden, generator):
    fan_in = block_size * n_embd
    return {
        "C": torch.zeros(vocab_size, n_embd),
        "W1": torch.zeros(fan_in, n_hidden),
        "b1": torch.zeros(n_hidden),
        "W2": torch.zeros(n_hidden, vocab_size),
        "b2": torch.zeros(vocab_size),
    }
