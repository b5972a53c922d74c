"""A layer that fuses neighbouring positions."""

import torch
from torch import Tensor


class FlattenConsecutive:
    """Lay every n neighbouring positions side by side."""

    def __init__(self, n: int) -> None:
        self.n = n

    def __call__(self, x: Tensor) -> Tensor:
        """Fuse the positions of a batch."""
        B, T, C = x.shape
        if T % self.n:
            raise ValueError(f"{T} positions cannot be grouped by {self.n}")
        x = x.view(B, T // self.n, C * self.n)
        return torch.squeeze(x, 1)  # (B, C * n) if only one group is left

    def parameters(self) -> list[Tensor]:
        """Return what is learned: nothing."""
        return []
