import torch


def lr_candidates(low_exp, high_exp, n):
    return torch.linspace(low_exp, high_exp, n).exp()
