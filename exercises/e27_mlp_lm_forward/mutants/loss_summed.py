import torch.nn.functional as F


class MLPLanguageModel(MLPLanguageModel):
    def loss(self, X, Y):
        return F.cross_entropy(self.forward(X), Y, reduction="sum")
