import torch


def double(x):
    return torch.zeros(2**33)
