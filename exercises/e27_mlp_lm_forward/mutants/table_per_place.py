import torch


class MLPLanguageModel(MLPLanguageModel):
    def __init__(self, vocab_size, block_size, n_embd, n_hidden, generator=None):
        super().__init__(vocab_size, block_size, n_embd, n_hidden, generator)
        self.C = torch.randn(block_size, vocab_size, n_embd, generator=generator).requires_grad_()

    def forward(self, X):
        emb = torch.stack([table[X[:, i]] for i, table in enumerate(self.C)], dim=1)
        return torch.tanh(emb.flatten(1) @ self.W1 + self.b1) @ self.W2 + self.b2
