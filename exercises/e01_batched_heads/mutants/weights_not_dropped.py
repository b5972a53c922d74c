class BatchedAttention(BatchedAttention):
    def forward(self, x):
        B, T, C = x.shape
        if self.block_size < T:
            raise ValueError(f"T = {T} is more than block_size = {self.block_size}")
        q, k, v = self.qkv(x).view(B, T, 3, self.n_head, C // self.n_head).permute(2, 0, 3, 1, 4)  # (B, H, T, C/H)
        scores = q @ k.mT / q.shape[-1] ** 0.5  # (B, H, T, T)
        weights = scores.masked_fill(~self.past[:T, :T], float("-inf")).softmax(-1)  # (B, H, T, T)
        mixed = weights @ v  # (B, H, T, C/H)
        return self.dropout(self.proj(mixed.transpose(1, 2).reshape(B, T, C)))  # (B, T, C)
