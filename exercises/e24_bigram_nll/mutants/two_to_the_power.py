def perplexity(nll):
    return 2.0**nll
