def evaluate_ngram(train, dev, test, order, smoothing):
    stoi = alphabet(train, dev, test)
    losses = {}
    for name, words in (("train", train), ("dev", dev), ("test", test)):
        at = ngrams(words, order, stoi)
        N = torch.zeros((len(stoi),) * order, dtype=torch.float64)
        N.index_put_(at, torch.ones(len(at[0]), dtype=torch.float64), accumulate=True)
        losses[name] = ngram_nll(N, smoothing, at)
    return losses
