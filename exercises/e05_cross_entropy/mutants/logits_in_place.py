def log_softmax(logits, dim=-1):
    logits -= logits.amax(dim, keepdim=True)
    return logits - logits.exp().sum(dim, keepdim=True).log()
