from itertools import pairwise

import torch
from torch import Tensor


def bigram_counts(words: list[str], stoi: dict[str, int]) -> Tensor:
    N = torch.zeros(len(stoi), len(stoi), dtype=torch.int64)
    for w in words:
        for a, b in pairwise(w):
            N[stoi[a], stoi[b]] += 1
    return N
