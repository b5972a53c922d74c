def ngram_nll(N, smoothing, at):
    P = N + smoothing
    P = P / P.sum(-1, keepdim=True)
    return -P[at].log().mean().item()
