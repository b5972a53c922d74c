"""A layer that fuses neighbouring positions, as in the tree of WaveNet (lecture 6).

Source: "Building makemore Part 5: Building a WaveNet", from 0:21:36; van den Oord et al. 2016, arXiv:1609.03499, figure 3.
"""

# solution: begin
import torch

# solution: end
from torch import Tensor


class FlattenConsecutive:
    """Lay every n neighbouring positions side by side."""

    def __init__(self, n: int) -> None:
        """Remember how many positions make a group.

        Args:
            n: At least 1.
        """
        # solution: begin
        self.n = n
        # solution: end

    def __call__(self, x: Tensor) -> Tensor:
        """Fuse the positions of a batch.

        Args:
            x: (B, T, C): B examples, T positions, C numbers each; contiguous, any dtype. It stays unchanged.

        Returns:
            (B, T // n, C * n), or (B, C * n) where T // n is 1: a view of x. Each group holds the C numbers of its
            first position, then those of its second, and so on.

        Raises:
            ValueError: If T is not a multiple of n; the message shows both.
        """
        # solution: begin
        B, T, C = x.shape
        if T % self.n:
            raise ValueError(f"{T} positions cannot be grouped by {self.n}")
        x = x.view(B, T // self.n, C * self.n)
        return torch.squeeze(x, 1)  # (B, C * n) if only one group is left
        # solution: end

    def parameters(self) -> list[Tensor]:
        """Return what is learned: an empty list, for there are no tensors of any shape () here."""
        # solution: begin
        return []
        # solution: end
