import torch


def train_best(words_train, words_dev, stoi, seed, time_budget_s):
    V = len(stoi)
    counts = {}  # the characters before -> how often each character followed
    X, Y = build_dataset(words_train, stoi, 4)
    for context, following in zip(X.tolist(), Y.tolist(), strict=True):
        for length in range(5):
            counts.setdefault(tuple(context[4 - length :]), [0] * V)[following] += 1

    def predict(context):
        p = torch.full((V,), 1 / V)
        for length in range(5):  # from no context to the longest that occurred
            n = counts.get(tuple(context[4 - length :]))
            if n is not None:
                p = (torch.tensor(n) + 15 * p) / (sum(n) + 15)
        return p.log()

    return lambda X: torch.stack([predict(context) for context in X.tolist()]), 4
