import torch


def temperature_probs(logits, temperature):
    if temperature == 0:
        return (logits == logits.amax(-1, keepdim=True)).to(logits.dtype)
    return torch.softmax(logits / temperature, dim=-1)
