import torch.nn.functional as F


def logits_by_lookup(W, xs):
    return F.embedding(xs, W, padding_idx=0)
