def cross_entropy(logits, targets, reduction="mean"):
    losses = -log_softmax(logits).gather(1, targets.unsqueeze_(1)).squeeze(1)
    if reduction == "none":
        return losses
    return losses.mean() if reduction == "mean" else losses.sum()
