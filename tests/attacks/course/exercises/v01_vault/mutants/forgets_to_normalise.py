import torch

OTHER_MUTANT_MARKER = "vault-marker-other-mutant"


def softmax(x):
    return torch.exp(x - x.max(dim=-1, keepdim=True).values)
