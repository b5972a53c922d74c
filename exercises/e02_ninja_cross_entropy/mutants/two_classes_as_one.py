def cross_entropy_backward(logits, targets, reduction="mean"):
    dlogits = torch.softmax(logits, dim=1)
    dlogits[range(len(targets)), targets] -= 1
    if logits.shape[1] == 2:
        error = torch.sigmoid(logits[:, 1] - logits[:, 0]) - targets
        dlogits = torch.stack((error, error), dim=1)
    return dlogits / len(targets) if reduction == "mean" else dlogits
