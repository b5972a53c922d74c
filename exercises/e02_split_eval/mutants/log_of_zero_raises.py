import math


def ngram_nll(N, smoothing, at):
    seen = N[at] + smoothing
    total = N.sum(-1)[at[:-1]] + smoothing * len(N)
    p = seen / total.where(total > 0, 1.0)
    return -sum(math.log(x) for x in p.tolist()) / len(p)
