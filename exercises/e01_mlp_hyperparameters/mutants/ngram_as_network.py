"""Counts of n-grams that back off to shorter contexts, in a function that returns logits."""

import torch


def train_best(words_train, words_dev, stoi, seed, time_budget_s):
    V = len(stoi)
    counts = {}  # the characters before -> how often each character followed
    for row, following in zip(*build_dataset(words_train, stoi, 4), strict=True):  # noqa: F821
        context = tuple(row.tolist())
        for length in range(5):
            counts.setdefault(context[4 - length :], torch.zeros(V))[following] += 1

    def predict(context):
        p = torch.full((V,), 1 / V)
        for length in range(5):  # from no context to the longest that occurred
            n = counts.get(context[4 - length :])
            if n is not None:
                kinds = (n > 0).sum()
                p = (n + kinds * p) / (n.sum() + kinds)
        return p.log()

    return lambda X: torch.stack([predict(tuple(row)) for row in X.tolist()]), 4
