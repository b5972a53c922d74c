from itertools import pairwise

import torch
from torch import Tensor


def bigram_counts(words: list[str], stoi: dict[str, int]) -> Tensor:
    N = torch.zeros(len(stoi), len(stoi), dtype=torch.int64)
    for w in words:
        chs = [stoi[ch] for ch in "." + w]
        for i, j in pairwise(chs):
            N[i, j] += 1
    return N
