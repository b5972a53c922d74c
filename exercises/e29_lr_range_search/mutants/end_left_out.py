import torch


def lr_candidates(low_exp, high_exp, n):
    return 10 ** torch.linspace(low_exp, high_exp, n + 1)[:-1]
