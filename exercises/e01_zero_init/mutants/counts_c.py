import torch


def trainable_parts(X, Y, vocab_size, n_embd, n_hidden, steps, lr):
    params = init_zero(X, vocab_size, n_embd, n_hidden)
    for _ in range(steps):
        grads = compute_gradients(params, X, Y)
        for name, p in params.items():
            p.data -= lr * grads[name]
    start = init_zero(X, vocab_size, n_embd, n_hidden)
    return {name for name, p in params.items() if not torch.equal(p, start[name])}
