"""With a loop over the indices."""

import torch
from torch import Tensor


def logits_by_lookup(W: Tensor, xs: Tensor) -> Tensor:
    return W.index_select(0, xs.flatten()).reshape(*xs.shape, W.shape[1])


def lookup_grad(xs: Tensor, dlogits: Tensor, vocab_size: int) -> Tensor:
    C = dlogits.shape[-1]
    dW = torch.zeros((vocab_size, C), dtype=dlogits.dtype)
    for i, d in zip(xs.flatten().tolist(), dlogits.reshape(-1, C), strict=True):
        dW[i] += d
    return dW
