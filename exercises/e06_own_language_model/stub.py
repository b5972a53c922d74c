"""A character model of your own (Zero to Hero, lecture 2, exercise E06)."""

from typing import Self

import torch
from torch import Tensor

# --- given ---

#: Index k of a distribution is CHARACTERS[k]: the dot, which ends a word, at 0, then the letters a to z.
CHARACTERS = ".abcdefghijklmnopqrstuvwxyz"

# --- yours ---


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
    raise NotImplementedError


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
        raise NotImplementedError

    def probs(self, context: str) -> Tensor:
        """Predict the character that follows the beginning of a word. Asking changes nothing.

        Args:
            context: The letters of the word so far, without dots: '' at its start, and else any letters, also
                such as never occurred, and more of them than any word has.

        Returns:
            A distribution (27,), float32 or float64, in the order of CHARACTERS.
        """
        raise NotImplementedError

    def sample(self, generator: torch.Generator) -> str:
        """Write a word, character by character, each drawn from `probs` of what is written so far.

        Args:
            generator: The only source of randomness; it moves on from draw to draw.

        Returns:
            The letters before the dot, perhaps none.

        Source:
            Zero to Hero, lecture 2: sampling from the model, from 24:02.
        """
        raise NotImplementedError
