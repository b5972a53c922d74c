import torch
from torch import nn


def train_best(words_train, words_dev, stoi, seed, time_budget_s):
    V = len(stoi)
    X, Y = build_dataset(words_train, stoi, 3)
    place = torch.tensor([V * V, V, 1])
    counts = torch.full((V**3, V), 0.2)
    counts.index_put_((X @ place, Y), torch.tensor(1.0), accumulate=True)
    table = nn.Embedding.from_pretrained((counts / counts.sum(1, keepdim=True)).log())
    return lambda X: table((X * place.to(X.device)).sum(1).to("cpu")), 3
