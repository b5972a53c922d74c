from torch import nn


class GPT(GPT):
    def __init__(self, vocab_size, block_size, n_layer, n_head, n_embd):
        super().__init__(vocab_size, block_size, n_layer, n_head, n_embd)
        self.blocks = nn.Sequential(*[self.blocks[0]] * n_layer)
