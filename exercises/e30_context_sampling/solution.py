"""Write names with a model of the next character: the reference solution."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

# --- given ---


class GradWatch:
    """Pass contexts on to a logits function, and count the calls that are made while gradients are on."""

    def __init__(self, logits_fn: Callable[[Tensor], Tensor]) -> None:
        self.logits_fn = logits_fn
        self.calls_with_gradients = 0

    def __call__(self, X: Tensor) -> Tensor:
        self.calls_with_gradients += torch.is_grad_enabled()
        return self.logits_fn(X)


# --- the exercise ---


def temperature_probs(logits: Tensor, temperature: float) -> Tensor:
    """Turn logits into probabilities, evened out or sharpened by a temperature."""
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits.dtype)
    return torch.softmax(logits / temperature, dim=-1)  # (..., V)


@torch.no_grad()
def sample_names(
    logits_fn: Callable[[Tensor], Tensor],
    itos: dict[int, str],
    block_size: int,
    n: int,
    generator: torch.Generator,
    temperature: float = 1.0,
    max_len: int = 50,
) -> list[str]:
    """Draw names, one character after the other."""
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
