class BatchedAttention(BatchedAttention):
    def forward(self, x):
        B, T, C = x.shape
        if self.block_size < T:
            raise ValueError(f"T = {T} is more than block_size = {self.block_size}")
        q, k, v = (part.reshape(B, self.n_head, T, C // self.n_head) for part in self.qkv(x).split(C, dim=2))
        scores = q @ k.mT / q.shape[-1] ** 0.5  # (B, H, T, T)
        weights = scores.masked_fill(~self.past[:T, :T], float("-inf")).softmax(-1)  # (B, H, T, T)
        mixed = self.dropout(weights) @ v  # (B, H, T, C/H)
        return self.dropout(self.proj(mixed.transpose(1, 2).reshape(B, T, C)))  # (B, T, C)
