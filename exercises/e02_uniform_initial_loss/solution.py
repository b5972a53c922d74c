"""Which loss does a network start with, and which should it? The reference solution."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def uniform_loss(vocab_size: int) -> float:
    """Tell the loss of a prediction that gives every character the same probability."""
    return math.log(vocab_size)


def init_parameters(
    vocab_size: int, block_size: int, n_embd: int, n_hidden: int, generator: torch.Generator
) -> dict[str, Tensor]:
    """Draw parameters from which the first prediction is nearly uniform, and training can begin."""
    fan_in = block_size * n_embd
    return {
        "C": torch.randn(vocab_size, n_embd, generator=generator),
        "W1": torch.randn(fan_in, n_hidden, generator=generator) / fan_in**0.5,  # inputs of tanh of about 1
        "b1": torch.zeros(n_hidden),
        "W2": torch.randn(n_hidden, vocab_size, generator=generator) * 0.01,  # logits of about 0.1
        "b2": torch.zeros(vocab_size),
    }


def initial_loss(params: dict[str, Tensor], X: Tensor, Y: Tensor) -> float:
    """Measure the loss of the network with the parameters as they are."""
    emb = params["C"][X]  # (N, block_size, n_embd)
    h = torch.tanh(emb.flatten(1) @ params["W1"] + params["b1"])  # (N, n_hidden)
    logits = h @ params["W2"] + params["b2"]  # (N, V)
    return F.cross_entropy(logits, Y).item()
