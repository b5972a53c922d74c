import torch


def lr_sweep(step_fn, lrs):
    losses = []
    for lr in lrs.tolist():
        step_fn(lr)
        losses.append(step_fn(lr))
    return torch.tensor(losses)
