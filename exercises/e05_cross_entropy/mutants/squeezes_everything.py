def cross_entropy(logits, targets, reduction="mean"):
    losses = -log_softmax(logits).gather(1, targets[:, None]).squeeze()
    if reduction == "none":
        return losses
    return losses.mean() if reduction == "mean" else losses.sum()
