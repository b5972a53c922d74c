import torch


class MLPLanguageModel(MLPLanguageModel):
    def forward(self, X):
        h = torch.tanh(self.C[X].view(-1, 30) @ self.W1 + self.b1)
        return h @ self.W2 + self.b2
