import torch


class BatchedAttention(BatchedAttention):
    def forward(self, x):
        _, T, C = x.shape
        if self.block_size < T:
            raise ValueError(f"T = {T} is more than block_size = {self.block_size}")
        size = C // self.n_head
        queries, keys, values = self.qkv(x).split(C, dim=2)
        heads = []
        for h in range(self.n_head):
            q, k, v = (part[..., h * size : (h + 1) * size] for part in (queries, keys, values))
            scores = q @ k.transpose(1, 2) / size**0.5
            weights = scores.masked_fill(~self.past[:T, :T], float("-inf")).softmax(-1)
            heads.append(self.dropout(weights) @ v)
        return self.dropout(self.proj(torch.cat(heads, dim=-1)))
