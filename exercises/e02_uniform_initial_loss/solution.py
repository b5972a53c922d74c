"""Which loss does a network start with, and which should it? (Zero to Hero, lecture 3, exercise E02)."""

import torch
from torch import Tensor

# solution: begin
import math

import torch.nn.functional as F

# solution: end

# The network, for N contexts X of block_size characters each:
#
#     emb = C[X]                                                      (N, block_size, n_embd)
#     h = tanh(emb flattened to (N, block_size * n_embd) @ W1 + b1)   (N, n_hidden)
#     logits = h @ W2 + b2                                            (N, vocab_size)
#
# Its parameters are a dict with the keys 'C' (vocab_size, n_embd), 'W1' (block_size * n_embd, n_hidden),
# 'b1' (n_hidden,), 'W2' (n_hidden, vocab_size) and 'b2' (vocab_size,).


def uniform_loss(vocab_size: int) -> float:
    """Tell the loss of a prediction that gives every character the same probability.

    Args:
        vocab_size: Number of characters V, at least 1.

    Returns:
        Nats per character.
    """
    # solution: begin
    return math.log(vocab_size)
    # solution: end


def init_parameters(
    vocab_size: int, block_size: int, n_embd: int, n_hidden: int, generator: torch.Generator
) -> dict[str, Tensor]:
    """Draw parameters from which the first prediction is nearly uniform, and training can begin.

    Args:
        vocab_size: Number of characters V, from 2 to 1000.
        block_size: Characters per context; block_size * n_embd is from 10 to 300.
        n_embd: Numbers per character.
        n_hidden: Number of hidden units, from 50 to 300.
        generator: Where all random numbers come from.

    Returns:
        The five tensors, float32, under the keys above: C (V, n_embd), W1 (block_size * n_embd, n_hidden),
        b1 (n_hidden,), W2 (n_hidden, V), b2 (V,). The first loss is within 0.05 of `uniform_loss`; what goes
        into tanh has a standard deviation from 0.5 to 2 over rows and units; hidden units differ from one another;
        each of the five tensors gets a gradient that is not zero.

    Source:
        Zero to Hero, lecture 4: fixing the initial loss from 4:19, the saturated tanh from 12:59.
    """
    # solution: begin
    fan_in = block_size * n_embd
    return {
        "C": torch.randn(vocab_size, n_embd, generator=generator),
        "W1": torch.randn(fan_in, n_hidden, generator=generator) / fan_in**0.5,  # inputs of tanh of about 1
        "b1": torch.zeros(n_hidden),
        "W2": torch.randn(n_hidden, vocab_size, generator=generator) * 0.01,  # logits of about 0.1
        "b2": torch.zeros(vocab_size),
    }
    # solution: end


def initial_loss(params: dict[str, Tensor], X: Tensor, Y: Tensor) -> float:
    """Measure the loss of the network with the parameters as they are.

    Args:
        params: The five tensors, float32 or float64, under the keys above. Not modified.
        X: Contexts (N, block_size), int64; N at least 1.
        Y: The character after each (N,), int64.

    Returns:
        The mean negative log-likelihood in nats, finite for logits of +-1000 too.
    """
    # solution: begin
    emb = params["C"][X]  # (N, block_size, n_embd)
    h = torch.tanh(emb.flatten(1) @ params["W1"] + params["b1"])  # (N, n_hidden)
    logits = h @ params["W2"] + params["b2"]  # (N, V)
    return F.cross_entropy(logits, Y).item()
    # solution: end
