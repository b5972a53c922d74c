def evaluate_ngram(train, dev, test, order, smoothing):
    stoi = alphabet(train, dev, test)
    counted = ngrams(train, order, stoi)
    N = torch.zeros((len(stoi),) * order, dtype=torch.float64)
    N.index_put_(counted, torch.ones(len(counted[0]), dtype=torch.float64), accumulate=True)

    def mean(words):
        return sum(ngram_nll(N, smoothing, ngrams([w], order, stoi)) for w in words) / len(words)

    return {"train": mean(train), "dev": mean(dev), "test": mean(test)}
