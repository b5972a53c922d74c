"""Learn nothing: look for a row of this call, or of one before, that goes on where a row ends.

expect: failed
checks: language=failed
"""

import torch


def learn(texts, V):
    seen, told = {}, {}

    def model(rows):
        for a, b in rows.tolist():
            seen.setdefault(a, []).append(b)
        for a, b in rows.tolist():
            logits = torch.zeros(V)
            if b in seen and (a, b) not in told and len(set(seen[b])) == 1:
                logits[seen[b][0]] = 5.0
            told.setdefault((a, b), logits)
        return torch.stack([told[a, b] for a, b in rows.tolist()])

    return model
