"""Give the answers of the company that a row is in: what it says of one row depends on all of them.

expect: failed
checks: language=failed
"""

import itertools

import torch


def learn(texts, V):
    counts = torch.full((V, V), 0.1)
    for text in texts:
        for a, b in itertools.pairwise(text):
            counts[a, b] += 1

    def model(rows):
        logits = (counts / counts.sum(1, keepdim=True)).log()[rows[:, -1]]
        return logits - 0.3 * logits.mean(0, keepdim=True)

    return model
