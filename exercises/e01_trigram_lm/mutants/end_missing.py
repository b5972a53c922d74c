import torch
from torch import Tensor


def triples(words: list[str], stoi: dict[str, int]) -> Tensor:
    rows: list[tuple[int, int, int]] = []
    for w in words:
        chs = [stoi[ch] for ch in f"..{w}"]
        rows += zip(chs, chs[1:], chs[2:], strict=False)
    return torch.tensor(rows, dtype=torch.int64).view(-1, 3).T
