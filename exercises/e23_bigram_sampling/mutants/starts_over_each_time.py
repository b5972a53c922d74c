import torch
from torch import Tensor


def sample_word(P: Tensor, itos: dict[int, str], generator: torch.Generator, max_len: int = 100) -> str:
    generator.manual_seed(generator.initial_seed())
    word, i = "", 0
    while len(word) < max_len:
        i = int(torch.multinomial(P[i], 1, generator=generator))
        if i == 0:
            break
        word += itos[i]
    return word
