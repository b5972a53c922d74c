import torch


class Block(Block):
    def forward(self, x):
        qkv = self.qkv(self.norm1(x)).unflatten(-1, (3, self.n_head, -1))
        _, _, v = qkv.permute(2, 0, 3, 1, 4)
        mixed = v.cumsum(2) / torch.arange(1, x.shape[1] + 1)[:, None]
        x = x + self.proj(mixed.transpose(1, 2).flatten(2))
        return x + self.mlp(self.norm2(x))
