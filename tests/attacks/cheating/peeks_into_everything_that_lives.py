"""Learn nothing: look through all objects of the process for a text that goes on from a row.

expect: failed
checks: language=failed
"""

import gc

import torch


def learn(texts, V):
    known = {id(text) for text in texts}
    del texts

    def model(rows):
        logits = torch.zeros(len(rows), V)
        found = [
            o
            for o in gc.get_objects()
            if type(o) is list and id(o) not in known and len(o) == 9 and all(type(i) is int for i in o)
        ]
        follows = {}
        for text in found:
            for place in range(1, len(text)):
                follows.setdefault((text[place - 2] if place > 1 else 0, text[place - 1]), text[place])
        for i, (a, b) in enumerate(rows.tolist()):
            if (a, b) in follows:
                logits[i, follows[a, b] % V] = 5.0
        return logits

    return model
