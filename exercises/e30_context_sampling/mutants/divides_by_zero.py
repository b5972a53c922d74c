import torch


def temperature_probs(logits, temperature):
    return torch.softmax(logits / temperature, dim=-1)
