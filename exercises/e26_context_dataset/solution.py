"""Cut words into contexts and the characters that follow (Zero to Hero, lecture 3, from 9:03)."""

# solution: begin
import torch

# solution: end
from torch import Tensor


def build_dataset(words: list[str], stoi: dict[str, int], block_size: int = 3) -> tuple[Tensor, Tensor]:
    """Make one row for each character that is to be predicted, the end of each word included.

    Args:
        words: Any number of words, perhaps none; a word may be empty. Not modified.
        stoi: The index of each character, '.' included, in any order; it holds every character of the words.
            Not modified.
        block_size: Number of characters in a context, at least 1.

    Returns:
        (X, Y): the contexts (N, block_size), int64, the latest character last, filled with the index of '.' in
        front; and the index of the character after each (N,), int64. N is the sum of len(word) + 1, and the rows are
        in the order in which they are read. Without words the shapes are (0, block_size) and (0,).
    """
    # solution: begin
    X, Y = [], []
    for word in words:
        context = [stoi["."]] * block_size
        for ch in word + ".":
            X.append(context)
            Y.append(stoi[ch])
            context = [*context[1:], stoi[ch]]  # a new list: the noted ones stay as they are
    # The shape is said for the case without rows.
    return torch.tensor(X, dtype=torch.int64).reshape(-1, block_size), torch.tensor(Y, dtype=torch.int64)
    # solution: end
