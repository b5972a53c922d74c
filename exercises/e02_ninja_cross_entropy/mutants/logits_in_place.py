def cross_entropy_backward(logits, targets, reduction="mean"):
    with torch.no_grad():
        logits -= logits.amax(1, keepdim=True)
        dlogits = logits.exp_()
        dlogits = dlogits / dlogits.sum(1, keepdim=True)
    dlogits[range(len(targets)), targets] -= 1
    return dlogits / len(targets) if reduction == "mean" else dlogits
