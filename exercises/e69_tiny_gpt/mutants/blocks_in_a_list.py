import torch.nn.functional as F


class GPT(GPT):
    def __init__(self, vocab_size, block_size, n_layer, n_head, n_embd):
        super().__init__(vocab_size, block_size, 0, n_head, n_embd)
        self.layers = [Block(n_embd, n_head) for _ in range(n_layer)]

    def double(self):
        for block in self.layers:
            block.double()
        return super().double()

    def forward(self, idx, targets=None):
        if idx.shape[1] > self.block_size:
            raise ValueError(f"T = {idx.shape[1]} is more than block_size = {self.block_size}")
        x = self.tokens(idx) + self.positions.weight[: idx.shape[1]]
        for block in self.layers:
            x = block(x)
        logits = self.head(self.norm(x))
        loss = None if targets is None else F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        return logits, loss
