"""Train a character network within a time budget (Zero to Hero, lecture 3, exercise E01)."""

from collections.abc import Callable

from torch import Tensor


def train_best(
    words_train: list[str], words_dev: list[str], stoi: dict[str, int], seed: int, time_budget_s: float
) -> tuple[Callable[[Tensor], Tensor], int]:
    """Train a network that predicts the next character of a word, as well as the time allows.

    What counts is a neural network trained by gradient steps on words_train: learned embedding rows for the
    characters, matrix products, at least one layer of nonlinear units, written with torch. Its size and kind, the
    optimizer, the schedule and the regularisation are yours. Counts of n-grams, a table with an entry per context, or
    either of them inside a network are not the exercise, however low their loss; weights made beforehand are not
    either.

    Args:
        words_train: The words to learn from, repeats included.
        words_dev: Words for choices only: when to stop, which of two models to keep, what to print. No gradient
            step and no count may use them.
        stoi: The index of each of the V characters, '.' included, which starts and ends a word. Every character of
            the words is in it. The order is not that of the alphabet, and '.' need not be 0.
        seed: Seeds everything random, in [0, 2**31).
        time_budget_s: Seconds from the call to the return, with building the data set; 2 or more. A tenth over it is
            forgiven. Of wall-clock and processor time the smaller one counts.
        Words and stoi stay unchanged.

    Returns:
        (logits_fn, block_size), block_size from 3 to 32.

        logits_fn maps contexts (N, block_size), int64, to logits (N, V), floating point and finite, V in the order
        of stoi. A row holds the block_size characters before the one to predict, the latest last; a short context is
        filled with '.' in front. The contexts may lie on another device than your network (`--device`), and so may
        the logits. It works for any N of at least 1 and any rows, gives the same answer every time, and a row's
        logits do not depend on the other rows.

    What you print is shown while the training runs.

    Source:
        Zero to Hero, lecture 3: training with minibatches from 41:25, the splits from 53:20, the search for better
        sizes from 1:00:49.
    """
    raise NotImplementedError


def dev_loss(logits_fn: Callable[[Tensor], Tensor], X: Tensor, Y: Tensor) -> float:
    """Measure how well a model predicts: the mean cross-entropy over all rows.

    Args:
        logits_fn: Maps contexts (n, block_size) to logits (n, V), for as many or as few rows at a time as you like.
        X: Contexts (N, block_size), int64; N at least 1, a few ten thousand for the dev split.
        Y: The character that follows each (N,), int64.

    Returns:
        Nats per row, every row counting the same; finite for logits of a thousand too.
    """
    raise NotImplementedError
