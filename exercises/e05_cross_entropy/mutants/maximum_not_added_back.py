def log_softmax(logits, dim=-1):
    total = (logits - logits.detach().amax(dim, keepdim=True)).exp().sum(dim, keepdim=True)
    return logits - total.log()
