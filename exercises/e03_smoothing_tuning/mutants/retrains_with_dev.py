"""Count train and dev together before the dev loss is measured."""

import math
from collections import Counter
from collections.abc import Sequence


def triples_in(words: list[str]) -> list[str]:
    return [f"..{w}."[n : n + 3] for w in words for n in range(len(w) + 1)]


def smoothing_sweep(train: list[str], dev: list[str], strengths: Sequence[float]) -> list[dict[str, float]]:
    V = len(set("".join(train + dev))) + 1

    def nll(counted: list[str], scored: list[str], s: float) -> float:
        n = Counter(triples_in(counted))
        total = Counter(t[:2] for t in triples_in(counted))
        logs = [math.log((n[t] + s) / (total[t[:2]] + s * V)) for t in triples_in(scored)]
        return -sum(logs) / len(logs)

    return [{"strength": s, "train": nll(train, train, s), "dev": nll(train + dev, dev, s)} for s in strengths]
