"""Write names with a model of the next character (Zero to Hero, lecture 3, from 1:13:24)."""

from collections.abc import Callable

import torch
from torch import Tensor

# solution: begin
import torch.nn.functional as F
# solution: end

# --- given: the grader asks through this whether gradients are on; leave it as it is --------------------


class GradWatch:
    """Pass contexts on to a logits function, and count the calls that are made while gradients are on."""

    def __init__(self, logits_fn: Callable[[Tensor], Tensor]) -> None:
        self.logits_fn = logits_fn
        self.calls_with_gradients = 0

    def __call__(self, X: Tensor) -> Tensor:
        self.calls_with_gradients += torch.is_grad_enabled()
        return self.logits_fn(X)


# --- yours ----------------------------------------------------------------------------------------------


def temperature_probs(logits: Tensor, temperature: float) -> Tensor:
    """Turn logits into probabilities, evened out or sharpened by a temperature.

    Args:
        logits: (..., V), floating point, up to some thousands in size; any number of dimensions from 1 on. Not
            modified.
        temperature: 0 or more. At 1 it is the plain softmax.

    Returns:
        (..., V) in the dtype of the logits, summing to 1 over the last dimension. At temperature 0: 1 at the largest
        logit, the first of several equal ones, and 0 elsewhere.
    """
    # solution: begin
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits.dtype)
    return torch.softmax(logits / temperature, dim=-1)  # (..., V)
    # solution: end


# solution: begin
@torch.no_grad()
# solution: end
def sample_names(
    logits_fn: Callable[[Tensor], Tensor],
    itos: dict[int, str],
    block_size: int,
    n: int,
    generator: torch.Generator,
    temperature: float = 1.0,
    max_len: int = 50,
) -> list[str]:
    """Draw names, one character after the other.

    Args:
        logits_fn: Maps a context (1, block_size), int64, the latest character last, to logits (1, V). It is asked
            once for each character that is drawn, with gradients off.
        itos: The character of each of the V indices, '.' among them, in any order. Not modified.
        block_size: Number of characters in a context, at least 1. Before the first character all of them are '.'.
        n: Number of names, 0 or more.
        generator: What torch.multinomial draws with; equal generators lead to equal names.
        temperature: As in `temperature_probs`.
        max_len: The most characters of a name, 1 or more; a name of that length ends without a further draw.

    Returns:
        The n names in the order in which they were drawn, without any dots; a name may be empty.
    """
    # solution: begin
    dot = next(i for i, ch in itos.items() if ch == ".")
    names = []
    for _ in range(n):
        name, context = "", [dot] * block_size
        while len(name) < max_len:
            logits = logits_fn(torch.tensor([context]))  # (1, V)
            probs = temperature_probs(logits[0], temperature)  # (V,)
            ix = int(torch.multinomial(probs, 1, generator=generator))
            if ix == dot:
                break
            name += itos[ix]
            context = [*context[1:], ix]
        names.append(name)
    return names
    # solution: end
