import torch


def init_zero(X, vocab_size, n_embd, n_hidden):
    fan_in = X.shape[1] * n_embd
    params = {
        "C": torch.randn(vocab_size, n_embd, device=X.device),
        "W1": torch.randn(fan_in, n_hidden, device=X.device) / fan_in**0.5,
        "b1": torch.zeros(n_hidden, device=X.device),
        "W2": torch.zeros(n_hidden, vocab_size, device=X.device),
        "b2": torch.zeros(vocab_size, device=X.device),
    }
    for p in params.values():
        p.requires_grad = True
    return params
