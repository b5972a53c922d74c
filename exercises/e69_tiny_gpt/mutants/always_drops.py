import torch.nn.functional as F


class Block(Block):
    def forward(self, x):
        return F.dropout(super().forward(x), 0.1)
