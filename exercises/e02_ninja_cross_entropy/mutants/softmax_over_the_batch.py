def cross_entropy_backward(logits, targets, reduction="mean"):
    dlogits = torch.softmax(logits, dim=0)
    dlogits[range(len(targets)), targets] -= 1
    return dlogits / len(targets) if reduction == "mean" else dlogits
