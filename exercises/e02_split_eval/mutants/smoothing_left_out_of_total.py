def ngram_nll(N, smoothing, at):
    total = N.sum(-1)[at[:-1]]
    p = (N[at] + smoothing) / total.where(total > 0, 1.0)
    return -p.log().mean().item()
