def log_softmax(logits, dim=-1):
    largest = logits.amax(dim, keepdim=True)
    return logits - largest - (logits - largest.detach()).exp().sum(dim, keepdim=True).log()
