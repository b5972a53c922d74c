import torch
import torch.nn.functional as F


def compute_gradients(params, X, Y):
    C, W1, b1, W2, b2 = params.values()
    h = torch.tanh(C[X].flatten(1) @ W1 + b1)
    loss = F.cross_entropy(h @ W2 + b2, Y, reduction="sum")
    return dict(zip(params, torch.autograd.grad(loss, list(params.values())), strict=True))
