def log_softmax(logits, dim=-1):
    logits = logits.clamp(-80, 80)
    return logits - logits.exp().sum(dim, keepdim=True).log()
