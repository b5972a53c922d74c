"""Choosing the smoothing of a trigram model on held-out words (Zero to Hero, lecture 2, exercise E03)."""

from collections.abc import Sequence


def alphabet(*word_lists: list[str]) -> dict[str, int]:
    """Number the V characters of all the words: '.' is 0, the letters follow in order. Given to you."""
    letters = {ch for words in word_lists for word in words for ch in word}
    return {ch: i for i, ch in enumerate([".", *sorted(letters)])}


def smoothing_sweep(train: list[str], dev: list[str], strengths: Sequence[float]) -> list[dict[str, float]]:
    """Score a trigram model on train and on dev for each strength of smoothing.

    The model is that of e01_trigram_lm: two dots in front of each word and one behind, and
    P = (n + s) / (total + s V) with the counts of the train words only; V is `len(alphabet(train, dev))`.

    Args:
        train: At least one word; repeated words count each time. Not modified.
        dev: At least one word; may hold letters that train lacks. Not modified.
        strengths: Fake counts s >= 0, a list or a tuple of floats in any order, perhaps empty. Not modified.

    Returns:
        One dict per strength, in the order given, with the keys 'strength' (as given), 'train' and 'dev'
        (mean negative log-likelihoods, in nats per predicted character, floats). An event of probability 0,
        also one in a context without any counts, makes the loss math.inf, never nan.

    Source:
        Zero to Hero, lecture 2: fake counts from 1:00:50.
    """
    raise NotImplementedError


def choose_smoothing(sweep: list[dict[str, float]]) -> float:
    """Pick the strength with the lowest dev loss.

    Args:
        sweep: Entries as `smoothing_sweep` returns them, in any order. A dev loss that is inf or nan never
            wins. Not modified.

    Returns:
        The strength of the best entry; of several with the same dev loss the largest.

    Raises:
        ValueError: If no entry has a finite dev loss.
    """
    raise NotImplementedError


def final_test_nll(train: list[str], test: list[str], strength: float) -> float:
    """Score the test words once, at the strength that was chosen.

    Args:
        train: The words that are counted. Not modified.
        test: The words that are scored, and nothing else. Not modified.
        strength: The fake count s >= 0 to use, good or bad.

    Returns:
        Nats per predicted character; V is `len(alphabet(train, test))`.
    """
    raise NotImplementedError
