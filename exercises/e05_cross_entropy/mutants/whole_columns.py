def cross_entropy(logits, targets, reduction="mean"):
    losses = -log_softmax(logits)[:, targets]
    if reduction == "none":
        return losses.mean(1)
    return losses.mean() if reduction == "mean" else losses.mean(1).sum()
