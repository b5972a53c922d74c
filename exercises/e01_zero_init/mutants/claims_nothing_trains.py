import torch


def trainable_parts(X, Y, vocab_size, n_embd, n_hidden, steps, lr):
    params = init_zero(X, vocab_size, n_embd, n_hidden)
    start = {name: p.data for name, p in params.items()}
    for _ in range(steps):
        grads = compute_gradients(params, X, Y)
        for name, p in params.items():
            p.data -= lr * grads[name]
    return {name for name, p in params.items() if not torch.equal(p, start[name])}
