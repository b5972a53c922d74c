def log_softmax(logits, dim=-1):
    return (logits.softmax(dim) + 1e-12).log()
