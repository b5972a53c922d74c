def cross_entropy_backward(logits, targets, reduction="mean"):
    dlogits = torch.softmax(logits, dim=1) / (len(targets) if reduction == "mean" else 1)
    dlogits[range(len(targets)), targets] -= 1
    return dlogits
