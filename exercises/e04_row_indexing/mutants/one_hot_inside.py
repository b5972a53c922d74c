import torch.nn.functional as F


def logits_by_lookup(W, xs):
    return F.one_hot(xs, W.shape[0]).to(W.dtype) @ W
