evaluate_parts = evaluate_ngram


def evaluate_ngram(train, dev, test, order, smoothing):
    return dict.fromkeys(("train", "dev", "test"), evaluate_parts(train, dev, test, order, smoothing)["train"])
