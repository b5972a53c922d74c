"""A character-level trigram language model by counting (Zero to Hero, lecture 2, exercise E01)."""

# solution: begin
import torch

# solution: end
from torch import Tensor


# solution: begin
def triples(words: list[str], stoi: dict[str, int]) -> Tensor:
    """Return the indices (3, n) of every predicted character, the last row, and of the two before it."""
    first = "".join(f"..{w}"[:-1] for w in words)  # ..emm
    second = "".join(f".{w}" for w in words)  #      .emma
    third = "".join(f"{w}." for w in words)  #       emma.
    return torch.tensor([[stoi[ch] for ch in text] for text in (first, second, third)], dtype=torch.int64)


# solution: end


def trigram_counts(words: list[str], stoi: dict[str, int]) -> Tensor:
    """Count how often each character follows each pair of characters.

    A word stands between boundary dots: two in front, so that its first letter is predicted from a full
    context, and one behind, so that its end is predicted too.

    Args:
        words: Words without dots; repeated words count each time, and an empty word adds only its end.
            The list itself may be empty. Not modified.
        stoi: An index 0 .. V-1 for each of V characters, among them '.' and every letter of the words. The
            lecture has V = 27 and '.' at 0; here V may be any size, '.' may have any index, and some letters
            may occur in no word. Not modified.

    Returns:
        N (V, V, V) int64. N[i, j, k] counts character k right after character j, which follows i.

    Source:
        Zero to Hero, lecture 2: counting from 12:45, the single boundary token from 20:54.
    """
    # solution: begin
    V = len(stoi)
    i, j, k = triples(words, stoi)  # (n,) each
    N = torch.zeros(V, V, V, dtype=torch.int64)
    return N.index_put_((i, j, k), torch.ones_like(k), accumulate=True)  # N[i, j, k] += 1, repeats included
    # solution: end


def trigram_probabilities(N: Tensor, smoothing: float = 1.0) -> Tensor:
    """Turn counts into one distribution over the next character per context, after adding fake counts.

    Args:
        N: Counts (V, V, V) int64, any V. Not modified.
        smoothing: The fake count s >= 0 that every triple gets on top, an int or a float.

    Returns:
        P (V, V, V) float64; P[i, j] sums to 1. With s > 0 a context that was never seen is uniform. With
        s = 0 there is nothing to say about such a context: its row is all zeros, not nan.

    Source:
        Zero to Hero, lecture 2: normalising with keepdim from 36:17, fake counts from 1:00:50.
    """
    # solution: begin
    counts = N.double() + smoothing  # (V, V, V)
    total = counts.sum(-1, keepdim=True)  # (V, V, 1), the smoothing V times in it
    return counts / total.where(total > 0, 1.0)  # an unseen, unsmoothed context stays at 0
    # solution: end


def trigram_nll(words: list[str], P: Tensor, stoi: dict[str, int]) -> float:
    """Score words: the mean negative log-likelihood of a predicted character.

    The same characters are predicted as in `trigram_counts`: len(word) + 1 of each word.

    Args:
        words: At least one word. Not modified.
        P: Probabilities (V, V, V), float64 or float32; P[i, j, k] is the chance of k after i, j. Not
            modified.
        stoi: As in `trigram_counts`.

    Returns:
        Nats per predicted character, all characters weighted alike. Infinite (math.inf), without an
        exception, if one of them has probability 0.

    Source:
        Zero to Hero, lecture 2: the negative log-likelihood from 50:14.
    """
    # solution: begin
    i, j, k = triples(words, stoi)  # (n,) each
    return -P[i, j, k].log().mean().item()
    # solution: end
