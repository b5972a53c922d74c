"""Cut words into contexts and the characters that follow: the reference solution."""

import torch
from torch import Tensor


def build_dataset(words: list[str], stoi: dict[str, int], block_size: int = 3) -> tuple[Tensor, Tensor]:
    """Make one row for each character that is to be predicted, the end of each word included."""
    X, Y = [], []
    for word in words:
        context = [stoi["."]] * block_size
        for ch in word + ".":
            X.append(context)
            Y.append(stoi[ch])
            context = [*context[1:], stoi[ch]]  # a new list: the noted ones stay as they are
    # The shape is said for the case without rows.
    return torch.tensor(X, dtype=torch.int64).reshape(-1, block_size), torch.tensor(Y, dtype=torch.int64)
