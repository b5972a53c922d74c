"""The 80/10/10 split that every figure on a corpus refers to."""

import random
from collections.abc import Sequence


def split_words(words: Sequence[str], seed: int = 42) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Shuffle a copy of the words and cut it into train, dev and test at 80 and 90 percent.

    The order is that of `random.seed(seed); random.shuffle(words)`, and the global generator stays untouched.
    """
    shuffled = list(words)
    random.Random(seed).shuffle(shuffled)
    n1, n2 = int(0.8 * len(shuffled)), int(0.9 * len(shuffled))
    return tuple(shuffled[:n1]), tuple(shuffled[n1:n2]), tuple(shuffled[n2:])
