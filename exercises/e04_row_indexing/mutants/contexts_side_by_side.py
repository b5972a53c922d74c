def logits_by_lookup(W, xs):
    logits = W[xs]
    return logits.flatten(1) if xs.dim() > 1 else logits
