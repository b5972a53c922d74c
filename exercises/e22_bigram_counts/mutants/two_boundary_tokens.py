from itertools import pairwise

import torch
from torch import Tensor


def bigram_counts(words: list[str], stoi: dict[str, int]) -> Tensor:
    V = len(stoi)
    N = torch.zeros(V + 1, V + 1, dtype=torch.int64)
    for w in words:
        chs = [stoi["."], *(stoi[ch] for ch in w), V]
        for i, j in pairwise(chs):
            N[i, j] += 1
    return N
