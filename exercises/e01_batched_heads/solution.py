"""The heads of attention as one more batch dimension (lecture 7, exercise 1).

Source: "Let's build GPT: from scratch, in code, spelled out.", one head from 1:02:00, several from 1:21:59, batched heads
from 1:46:22; Vaswani et al. 2017, arXiv:1706.03762, section 3.2.2.
"""

import torch
from torch import Tensor, nn

# --- given: attention head by head, as the lecture builds it; leave it as it is ----------------------


class Head(nn.Module):
    """One head of causal self-attention: (B, T, n_embd) to (B, T, head_size)."""

    def __init__(self, n_embd: int, head_size: int, block_size: int, dropout: float) -> None:
        super().__init__()
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("past", torch.tril(torch.ones(block_size, block_size, dtype=torch.bool)))

    def forward(self, x: Tensor) -> Tensor:
        T = x.shape[1]
        q, k, v = self.query(x), self.key(x), self.value(x)  # (B, T, head_size) each
        scores = q @ k.mT / k.shape[-1] ** 0.5  # (B, T, T)
        weights = scores.masked_fill(~self.past[:T, :T], float("-inf")).softmax(-1)
        return self.dropout(weights) @ v  # (B, T, head_size)


class MultiHeadAttention(nn.Module):
    """Heads one after the other, their outputs side by side, then a projection: (B, T, n_embd) to the same."""

    def __init__(self, n_embd: int, n_head: int, block_size: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.sizes = (n_embd, n_head, block_size, dropout)
        self.heads = nn.ModuleList(Head(n_embd, n_embd // n_head, block_size, dropout) for _ in range(n_head))
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        side_by_side = torch.cat([head(x) for head in self.heads], dim=-1)  # (B, T, n_embd)
        return self.dropout(self.proj(side_by_side))  # (B, T, n_embd)


def take_gradients(module: nn.Module, x: Tensor, weights: Tensor) -> dict[str, Tensor]:
    """Weight the outputs of a module, and return the gradients of their sum: of "x", and of each parameter."""
    leaves = {"x": x.detach().clone().requires_grad_(), **dict(module.named_parameters())}
    total = (module(leaves["x"]) * weights).sum()
    return dict(zip(leaves, torch.autograd.grad(total, list(leaves.values()), materialize_grads=True), strict=True))


# --- yours -------------------------------------------------------------------------------------------


class BatchedAttention(nn.Module):
    """Causal self-attention with all heads at once.

    Its parameters are those of two layers, and no others:

    - qkv: Linear from n_embd to 3 * n_embd without bias. The first n_embd outputs are the queries, the next n_embd the
      keys, the last n_embd the values. Within each third head 0 has the first n_embd / n_head outputs, head 1 the
      next, and so on.
    - proj: Linear from n_embd to n_embd with bias, applied to the outputs of the heads side by side, head 0 first.
    """

    def __init__(self, n_embd: int, n_head: int, block_size: int, dropout: float = 0.0) -> None:
        """Make the layers.

        Args:
            n_embd: Numbers per position, a multiple of n_head.
            n_head: How many heads; each works on n_embd / n_head numbers.
            block_size: The longest sequence that will come.
            dropout: The probability with which, in training mode, a weight of the attention and a number of the
                final output are set to zero (the others are scaled up as nn.Dropout does).

        Raises:
            ValueError: If n_embd is not divisible by n_head; the message shows both.
        """
        # solution: begin
        super().__init__()
        if n_embd % n_head != 0:
            raise ValueError(f"n_embd = {n_embd} is not divisible by n_head = {n_head}")
        self.n_head, self.block_size = n_head, block_size
        self.qkv = nn.Linear(n_embd, 3 * n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("past", torch.tril(torch.ones(block_size, block_size, dtype=torch.bool)))
        # solution: end

    def forward(self, x: Tensor) -> Tensor:
        """Let every position gather from itself and the ones before it, in all heads at once.

        The scores of a head are divided by the root of the head's size, n_embd / n_head.

        Args:
            x: (B, T, n_embd), floating point, in the dtype of the parameters; T from 1 to block_size. Not modified.

        Returns:
            (B, T, n_embd), in the same dtype.

        Raises:
            ValueError: If T is larger than block_size; the message shows both.
        """
        # solution: begin
        B, T, C = x.shape
        if self.block_size < T:
            raise ValueError(f"T = {T} is more than block_size = {self.block_size}")
        q, k, v = self.qkv(x).view(B, T, 3, self.n_head, C // self.n_head).permute(2, 0, 3, 1, 4)  # (B, H, T, C/H)
        scores = q @ k.mT / q.shape[-1] ** 0.5  # (B, H, T, T)
        weights = scores.masked_fill(~self.past[:T, :T], float("-inf")).softmax(-1)  # (B, H, T, T)
        mixed = self.dropout(weights) @ v  # (B, H, T, C/H)
        return self.dropout(self.proj(mixed.transpose(1, 2).reshape(B, T, C)))  # (B, T, C)
        # solution: end


def merge_heads(attention: MultiHeadAttention) -> BatchedAttention:
    """Move the weights of separate heads into one BatchedAttention.

    Args:
        attention: Heads one after the other; attention.sizes holds (n_embd, n_head, block_size, dropout). Not modified.

    Returns:
        A new module of the same sizes that gives the same outputs in evaluation mode. It shares no tensor with the
        old one: training it leaves the old one as it was.
    """
    # solution: begin
    merged = BatchedAttention(*attention.sizes)
    queries = [head.query.weight for head in attention.heads]  # (C/H, C) each
    keys = [head.key.weight for head in attention.heads]
    values = [head.value.weight for head in attention.heads]
    merged.qkv.load_state_dict({"weight": torch.cat(queries + keys + values)})  # (3 * C, C)
    merged.proj.load_state_dict(attention.proj.state_dict())
    return merged
    # solution: end
