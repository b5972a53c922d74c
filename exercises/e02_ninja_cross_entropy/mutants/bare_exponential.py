def cross_entropy_backward(logits, targets, reduction="mean"):
    counts = logits.exp()
    dlogits = counts / counts.sum(1, keepdim=True)
    dlogits[range(len(targets)), targets] -= 1
    return dlogits / len(targets) if reduction == "mean" else dlogits
