"""A character model of your own (Zero to Hero, lecture 2, exercise E06)."""

# solution: begin
import math

# solution: end
from typing import Self

import torch
from torch import Tensor

# --- given ---

#: Index k of a distribution is CHARACTERS[k]: the dot, which ends a word, at 0, then the letters a to z.
CHARACTERS = ".abcdefghijklmnopqrstuvwxyz"

# --- yours ---


# solution: begin
V = len(CHARACTERS)
# solution: end


# solution: begin
PAD = "..."  # what stands before a word
# solution: end


# solution: begin
ORDERS = range(4)  # how many characters of context: 0 to 3
# solution: end


# solution: begin
#: The shorter context speaks as loudly as this many observations of the longer one.
TRUST = 12.0
# solution: end


def interpolated_probs(p_uni: Tensor, p_bi: Tensor, p_tri: Tensor, weights: tuple[float, float, float]) -> Tensor:
    """Mix three guesses about the next character into one.

    Args:
        p_uni, p_bi, p_tri: Distributions (27,) given no, one and two characters of context, all of one dtype,
            float32 or float64. Not modified.
        weights: The shares of p_uni, p_bi and p_tri in the mixture, in this order.

    Returns:
        A distribution (27,) in the dtype of the three.

    Raises:
        ValueError: If a weight is negative, or if they do not sum to 1; what rounding does to a sum (1e-6) is
            no reason.

    Source:
        An idea to start from; Zero to Hero, lecture 2, stops at smoothing, from 1:00:50.
    """
    # solution: begin
    if min(weights) < 0 or not math.isclose(sum(weights), 1.0, abs_tol=1e-6):
        raise ValueError(f"weights are shares, 0 or more and together 1, not {weights}")
    a, b, c = weights
    return a * p_uni + b * p_bi + c * p_tri  # (27,)
    # solution: end


class CharLM:
    """A model of how words are spelled, of any kind, that learns from nothing but the words it is given.

    It is made without arguments. Random numbers that it needs come from generators with a seed of your choice,
    so that the same words always lead to the same model.
    """

    def fit(self, words: list[str]) -> Self:
        """Learn from words, and forget all that was learned before.

        Args:
            words: At least one word of the letters a to z; repeated words count each time. Not modified.
                All 25,600 words of the train split are given once; a few hundred words or less, several times:
                let a training take less time for less words.

        Returns:
            The model itself.
        """
        # solution: begin
        self.counts: dict[str, list[int]] = {}  # the last 0 to 3 characters -> how often each of 27 follows
        for word in words:
            padded = PAD + word
            for i, ch in enumerate(word + ".", start=len(PAD)):
                k = CHARACTERS.index(ch)
                for n in ORDERS:
                    self.counts.setdefault(padded[i - n : i], [0] * V)[k] += 1
        return self
        # solution: end

    def probs(self, context: str) -> Tensor:
        """Predict the character that follows the beginning of a word. Asking changes nothing.

        Args:
            context: The letters of the word so far, without dots: '' at its start, and else any letters, also
                such as never occurred, and more of them than any word has.

        Returns:
            A distribution (27,), float32 or float64, in the order of CHARACTERS.
        """
        # solution: begin
        padded = PAD + context
        p = torch.ones(V, dtype=torch.float64) / V  # who knows nothing guesses evenly
        for n in ORDERS:
            row = self.counts.get(padded[len(padded) - n :])
            if row is None:  # never seen: no longer context was, either
                break
            seen = torch.tensor(row, dtype=torch.float64)  # (27,)
            p = (seen + TRUST * p) / (seen.sum() + TRUST)  # often seen: trusts its own counts
        return p
        # solution: end

    def sample(self, generator: torch.Generator) -> str:
        """Write a word, character by character, each drawn from `probs` of what is written so far.

        Args:
            generator: The only source of randomness; it moves on from draw to draw.

        Returns:
            The letters before the dot, perhaps none.

        Source:
            Zero to Hero, lecture 2: sampling from the model, from 24:02.
        """
        # solution: begin
        word = ""
        while (k := int(torch.multinomial(self.probs(word), 1, generator=generator))) > 0:
            word += CHARACTERS[k]
        return word
        # solution: end
