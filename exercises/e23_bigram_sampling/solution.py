"""From counts to probabilities to names (Zero to Hero, lecture 2).

Source: "The spelled-out intro to language modeling: building makemore", from 24:02 and from 36:17.
"""

import torch
from torch import Tensor


def row_probabilities(N: Tensor, smoothing: float = 0.0) -> Tensor:
    """Turn a table of counts into one distribution per row, after adding fake counts.

    Args:
        N: Counts (V, V), any V; int64, or floating point with whole numbers in it. N[i, j] counts character j right
            after character i. Not modified.
        smoothing: The fake count s >= 0 that every pair gets on top, an int or a float.

    Returns:
        P (V, V) floating point, float32 or float64: (N[i, j] + s) divided by the sum of row i, fake counts
        included, so that every row sums to 1. With s > 0 a row without counts is uniform.

    Raises:
        ValueError: If a row has no counts and s is 0.

    Source:
        Zero to Hero, lecture 2: dividing rows by broadcasting from 36:17, fake counts from 1:00:50.
    """
    # solution: begin
    counts = N + smoothing  # (V, V), not the caller's
    total = counts.sum(dim=1, keepdim=True)  # (V, 1): laid along the rows
    if (total == 0).any():
        raise ValueError("a row without counts has no distribution unless smoothing is above 0")
    return counts / total  # (V, V)
    # solution: end


def sample_word(P: Tensor, itos: dict[int, str], generator: torch.Generator, max_len: int = 100) -> str:
    """Draw one word from a bigram model.

    The dot has the number 0. It stands in front of the first letter, and drawing it ends the word.

    Args:
        P: Probabilities (V, V), float32 or float64; P[i] is the distribution of what follows character i. Not
            modified.
        itos: The character of each number 0 .. V-1.
        generator: Where every draw comes from. It moves on as torch.multinomial moves it; it is not seeded here,
            and torch's global generator is neither used nor changed.
        max_len: The most letters a word may have, at least 1: a word that has so many is over.

    Returns:
        The letters, without the dots: max_len at most, and an empty text if the dot is drawn at once.

    Source:
        Zero to Hero, lecture 2: sampling from 24:02.
    """
    # solution: begin
    word, i = "", 0
    while len(word) < max_len:
        i = int(torch.multinomial(P[i], 1, generator=generator))
        if i == 0:
            break
        word += itos[i]
    return word
    # solution: end
