"""Count train and test together before the test words are scored."""

import math
from collections import Counter


def triples_in(words: list[str]) -> list[str]:
    return [f"..{w}."[n : n + 3] for w in words for n in range(len(w) + 1)]


def final_test_nll(train: list[str], test: list[str], strength: float) -> float:
    V = len(set("".join(train + test))) + 1
    counted, scored = triples_in(train + test), triples_in(test)
    n, total = Counter(counted), Counter(t[:2] for t in counted)
    logs = [math.log((n[t] + strength) / (total[t[:2]] + strength * V)) for t in scored]
    return -sum(logs) / len(logs)
