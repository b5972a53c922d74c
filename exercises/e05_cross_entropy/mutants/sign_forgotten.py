def cross_entropy(logits, targets, reduction="mean"):
    losses = log_softmax(logits)[range(len(targets)), targets]
    if reduction == "none":
        return losses
    return losses.mean() if reduction == "mean" else losses.sum()
