"""Train, dev and test split, and n-gram losses on all three (Zero to Hero, lecture 2, exercise E02)."""

# solution: begin
import random

import torch
from torch import Tensor
# solution: end

# --- given ---


def alphabet(*word_lists: list[str]) -> dict[str, int]:
    """Number the V characters of all the words: '.' is 0, the letters follow in order."""
    letters = {ch for words in word_lists for word in words for ch in word}
    return {ch: i for i, ch in enumerate([".", *sorted(letters)])}


# --- yours ---


def split_words(
    words: list[str], fractions: tuple[float, float, float] = (0.8, 0.1, 0.1), seed: int = 42
) -> tuple[list[str], list[str], list[str]]:
    """Shuffle the words and part them into train, dev and test.

    Args:
        words: Any number of words, in any order; a word that occurs twice counts twice. Not modified.
        fractions: The shares of train, dev and test, each from 0 to 1, together 1.
        seed: Decides the shuffle, alone: the same words and seed give the same split at any time.

    Returns:
        Three lists that together hold each entry of words once. Of n shuffled words, train has the first
        int(fractions[0] * n), dev goes on to int((fractions[0] + fractions[1]) * n), and test has the rest.

    Source:
        Zero to Hero, lecture 2, exercise E02; lecture 3 builds the same split from 53:20.
    """
    # solution: begin
    shuffled = list(words)
    random.Random(seed).shuffle(shuffled)
    n1 = int(fractions[0] * len(words))
    n2 = int((fractions[0] + fractions[1]) * len(words))
    return shuffled[:n1], shuffled[n1:n2], shuffled[n2:]
    # solution: end


# solution: begin
def ngrams(words: list[str], order: int, stoi: dict[str, int]) -> tuple[Tensor, ...]:
    """Return the indices (n,) of every predicted character, the last tensor, and of those before it."""
    padded = ["." * (order - 1) + w + "." for w in words]
    # Each starts one character later than the one before: ..emm, .emma, emma.
    columns = ["".join(p[i : len(p) - order + 1 + i] for p in padded) for i in range(order)]
    return tuple(torch.tensor([stoi[ch] for ch in column]) for column in columns)


# solution: end


# solution: begin
def ngram_nll(N: Tensor, smoothing: float, at: tuple[Tensor, ...]) -> float:
    """Return the mean negative log-likelihood of the n-grams `at` under the counts N (V, V) or (V, V, V)."""
    seen = N[at] + smoothing  # (n,)
    total = N.sum(-1)[at[:-1]] + smoothing * len(N)  # (n,)
    p = seen / total.where(total > 0, 1.0)  # without counts and without smoothing: 0, not 0 / 0
    return -p.log().mean().item()


# solution: end


def evaluate_ngram(train: list[str], dev: list[str], test: list[str], order: int, smoothing: float) -> dict[str, float]:
    """Count a bigram or trigram model on train and measure its loss on each part.

    Each word has order - 1 dots in front and one behind, and its letters and its end are predicted. The
    probability of a character is (n + smoothing) / (total + smoothing * V), with the counts of train; V is
    `len(alphabet(train, dev, test))`.

    Args:
        train: The words that are counted, at least one; repeated words count each time. Not modified.
        dev, test: Words to measure on, at least one each; they may hold letters that train lacks. Not modified.
        order: 2 for a bigram model, one character of context, or 3 for a trigram model, two of them.
        smoothing: The fake count that every n-gram gets on top, 0 or more.

    Returns:
        The keys 'train', 'dev' and 'test': mean negative log-likelihoods in nats per predicted character.
        One event of probability 0, also one in a context without any counts, makes a loss math.inf, never nan.

    Source:
        Zero to Hero, lecture 2: the loss from 50:14, fake counts from 1:00:50.
    """
    # solution: begin
    stoi = alphabet(train, dev, test)  # one vocabulary for all parts
    counted = ngrams(train, order, stoi)
    N = torch.zeros((len(stoi),) * order)
    N.index_put_(counted, torch.tensor(1.0), accumulate=True)  # the counts of train alone
    parts = {"train": train, "dev": dev, "test": test}
    return {name: ngram_nll(N, smoothing, ngrams(words, order, stoi)) for name, words in parts.items()}
    # solution: end
