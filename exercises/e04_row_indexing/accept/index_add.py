"""With flat indices and index_add_, and the embedding of torch."""

import torch
import torch.nn.functional as F
from torch import Tensor


def logits_by_lookup(W: Tensor, xs: Tensor) -> Tensor:
    return F.embedding(xs, W)


def lookup_grad(xs: Tensor, dlogits: Tensor, vocab_size: int) -> Tensor:
    C = dlogits.shape[-1]
    dW = torch.zeros((vocab_size, C), dtype=dlogits.dtype)
    dW.index_add_(0, xs.flatten(), dlogits.reshape(-1, C))
    return dW
