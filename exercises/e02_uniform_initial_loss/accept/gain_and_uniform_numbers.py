"""Uniform numbers of the same spread, tanh's gain of 5/3, and no bias at zero."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def uniform_loss(vocab_size: int) -> float:
    return -torch.log(torch.tensor(1 / vocab_size, dtype=torch.float64)).item()


def init_parameters(
    vocab_size: int, block_size: int, n_embd: int, n_hidden: int, generator: torch.Generator
) -> dict[str, Tensor]:
    def even(*shape: int, spread: float) -> Tensor:
        return (2 * torch.rand(*shape, generator=generator) - 1) * math.sqrt(3) * spread

    fan_in = block_size * n_embd
    W2 = even(n_hidden, vocab_size, spread=0.1 / n_hidden**0.5)
    b1, b2 = even(n_hidden, spread=0.01), even(vocab_size, spread=0.01)
    C, W1 = even(vocab_size, n_embd, spread=1.0), even(fan_in, n_hidden, spread=5 / 3 / fan_in**0.5)
    return {"b2": b2, "W2": W2, "b1": b1, "W1": W1, "C": C}


def initial_loss(params: dict[str, Tensor], X: Tensor, Y: Tensor) -> float:
    C, W1, b1, W2, b2 = (params[name].double() for name in ("C", "W1", "b1", "W2", "b2"))
    h = torch.tanh(C[X].view(len(X), -1) @ W1 + b1)
    return -F.log_softmax(h @ W2 + b2, dim=1)[torch.arange(len(X)), Y].mean().item()
