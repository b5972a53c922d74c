import torch
import torch.nn.functional as F


def dev_loss(logits_fn, X, Y):
    with torch.no_grad():
        batches = zip(X.split(1000), Y.split(1000), strict=True)
        losses = [F.cross_entropy(logits_fn(x), y).item() for x, y in batches]
    return sum(losses) / len(losses)
