import torch


def best_zero_init_loss(Y, vocab_size):
    p = torch.bincount(Y, minlength=vocab_size).double() / len(Y)
    return -(p * p.log()).sum().item()
