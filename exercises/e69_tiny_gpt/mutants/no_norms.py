from torch import nn


class Block(Block):
    def __init__(self, n_embd, n_head):
        super().__init__(n_embd, n_head)
        self.norm1 = self.norm2 = nn.Identity()


class GPT(GPT):
    def __init__(self, vocab_size, block_size, n_layer, n_head, n_embd):
        super().__init__(vocab_size, block_size, n_layer, n_head, n_embd)
        self.norm = nn.Identity()
