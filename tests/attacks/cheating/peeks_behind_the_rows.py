"""Learn nothing: look into the memory around the rows for what they were cut from.

expect: failed
checks: language=failed
"""

import torch


def learn(texts, V):
    def model(rows):
        logits = torch.zeros(len(rows), V)
        base = rows._base if rows._base is not None else rows
        whole = torch.empty(0, dtype=rows.dtype).set_(base.untyped_storage())
        values = whole.tolist()
        for i, (a, b) in enumerate(rows.tolist()):
            for j in range(len(values) - 2):
                if values[j : j + 2] == [a, b] and 0 <= values[j + 2] < V and j != rows.storage_offset() + 2 * i:
                    logits[i, values[j + 2]] += 5.0
        return logits

    return model
