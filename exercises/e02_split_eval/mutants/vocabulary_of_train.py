evaluate_known = evaluate_ngram


def evaluate_ngram(train, dev, test, order, smoothing):
    known = alphabet(train)
    dev, test = ([w for w in words if set(w) <= set(known)] or [""] for words in (dev, test))
    return evaluate_known(train, dev, test, order, smoothing)
