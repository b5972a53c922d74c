import torch


def double(x):
    return 2 * x * torch.nan
