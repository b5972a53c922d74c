import torch


def lr_candidates(low_exp, high_exp, n):
    return torch.linspace(10**low_exp, 10**high_exp, n)
