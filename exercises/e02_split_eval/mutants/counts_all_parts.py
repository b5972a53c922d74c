def evaluate_ngram(train, dev, test, order, smoothing):
    stoi = alphabet(train, dev, test)
    counted = ngrams(train + dev + test, order, stoi)
    N = torch.zeros((len(stoi),) * order, dtype=torch.float64)
    N.index_put_(counted, torch.ones(len(counted[0]), dtype=torch.float64), accumulate=True)
    parts = {"train": train, "dev": dev, "test": test}
    return {name: ngram_nll(N, smoothing, ngrams(words, order, stoi)) for name, words in parts.items()}
