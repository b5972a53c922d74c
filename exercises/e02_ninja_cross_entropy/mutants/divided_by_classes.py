def cross_entropy_backward(logits, targets, reduction="mean"):
    dlogits = torch.softmax(logits, dim=1)
    dlogits[range(len(targets)), targets] -= 1
    return dlogits / logits.shape[1] if reduction == "mean" else dlogits
