import torch
from torch import nn


class BatchedAttention(BatchedAttention):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        nn.Module.__init__(self)
        self.n_head, self.block_size = n_head, block_size
        self.qkv = nn.Linear(n_embd, 3 * n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("past", torch.tril(torch.ones(block_size, block_size, dtype=torch.bool)))
