import torch
from torch import nn


class BatchedAttention(BatchedAttention):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        nn.Module.__init__(self)
        if n_embd % n_head != 0:
            raise ValueError(f"n_embd = {n_embd} is not divisible by n_head = {n_head}")
        self.n_head, self.block_size = n_head, block_size
        self.qkv = nn.Linear(n_embd, 3 * n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)
        self.past = nn.Parameter(torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        B, T, C = x.shape
        if self.block_size < T:
            raise ValueError(f"T = {T} is more than block_size = {self.block_size}")
        q, k, v = self.qkv(x).view(B, T, 3, self.n_head, C // self.n_head).permute(2, 0, 3, 1, 4)  # (B, H, T, C/H)
        scores = q @ k.mT / q.shape[-1] ** 0.5  # (B, H, T, T)
        weights = scores.masked_fill(self.past[:T, :T] == 0, float("-inf")).softmax(-1)  # (B, H, T, T)
        mixed = self.dropout(weights) @ v  # (B, H, T, C/H)
        return self.dropout(self.proj(mixed.transpose(1, 2).reshape(B, T, C)))  # (B, T, C)
