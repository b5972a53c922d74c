def log_softmax(logits, dim=-1):
    total = (logits - logits.max()).exp().sum(dim, keepdim=True)
    return logits - (total.log() + logits.amax(dim, keepdim=True))
