import torch


def average_nll(words, P, stoi):
    N = torch.zeros(P.shape, dtype=torch.float64)
    for w in words:
        for a, b in zip(f".{w}", f"{w}.", strict=True):
            N[stoi[a], stoi[b]] += 1
    return -((N / N.sum()) * P.double().log()).sum().item()
