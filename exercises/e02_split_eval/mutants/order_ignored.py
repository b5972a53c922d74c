evaluate_order = evaluate_ngram


def evaluate_ngram(train, dev, test, order, smoothing):
    return evaluate_order(train, dev, test, 2, smoothing)
