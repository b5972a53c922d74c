from itertools import pairwise

import torch
from torch import Tensor


def bigram_counts(words: list[str], stoi: dict[str, int]) -> Tensor:
    N = torch.zeros(len(stoi), len(stoi), dtype=torch.int64)
    for n in range(len(words)):
        words[n] = f".{words[n]}."
        chs = [stoi[ch] for ch in words[n]]
        for i, j in pairwise(chs):
            N[i, j] += 1
    return N
