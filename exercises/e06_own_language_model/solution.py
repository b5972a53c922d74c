"""A character model of one's own: counts of several orders, each leaning on the shorter one."""

import math
from typing import Self

import torch
from torch import Tensor

CHARACTERS = ".abcdefghijklmnopqrstuvwxyz"
V = len(CHARACTERS)
PAD = "..."  # what stands before a word
ORDERS = range(4)  # how many characters of context: 0 to 3
#: The shorter context speaks as loudly as this many observations of the longer one.
TRUST = 12.0


def interpolated_probs(p_uni: Tensor, p_bi: Tensor, p_tri: Tensor, weights: tuple[float, float, float]) -> Tensor:
    if min(weights) < 0 or not math.isclose(sum(weights), 1.0, abs_tol=1e-6):
        raise ValueError(f"weights are shares, 0 or more and together 1, not {weights}")
    a, b, c = weights
    return a * p_uni + b * p_bi + c * p_tri  # (27,)


class CharLM:
    def fit(self, words: list[str]) -> Self:
        self.counts: dict[str, list[int]] = {}  # the last 0 to 3 characters -> how often each of 27 follows
        for word in words:
            padded = PAD + word
            for i, ch in enumerate(word + ".", start=len(PAD)):
                k = CHARACTERS.index(ch)
                for n in ORDERS:
                    self.counts.setdefault(padded[i - n : i], [0] * V)[k] += 1
        return self

    def probs(self, context: str) -> Tensor:
        padded = PAD + context
        p = torch.ones(V, dtype=torch.float64) / V  # who knows nothing guesses evenly
        for n in ORDERS:
            row = self.counts.get(padded[len(padded) - n :])
            if row is None:  # never seen: no longer context was, either
                break
            seen = torch.tensor(row, dtype=torch.float64)  # (27,)
            p = (seen + TRUST * p) / (seen.sum() + TRUST)  # often seen: trusts its own counts
        return p

    def sample(self, generator: torch.Generator) -> str:
        word = ""
        while (k := int(torch.multinomial(self.probs(word), 1, generator=generator))) > 0:
            word += CHARACTERS[k]
        return word
