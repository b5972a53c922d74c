"""Learn nothing: what follows a row is the last token of the row below it.

expect: failed
checks: language=failed
"""

import torch


def learn(texts, V):
    def model(rows):
        logits = torch.zeros(len(rows), V)
        for i in range(len(rows) - 1):
            if rows[i, -1] == rows[i + 1, 0]:
                logits[i, rows[i + 1, -1]] = 5.0
        return logits

    return model
