import torch
from torch import Tensor


def bigram_counts(words: list[str], stoi: dict[str, int]) -> Tensor:
    N = torch.zeros(len(stoi), len(stoi), dtype=torch.int64)
    for w in words:
        chs = [stoi[ch] for ch in f".{w}."]
        N[chs[:-1], chs[1:]] += 1
    return N
