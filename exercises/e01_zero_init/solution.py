"""What trains in a network that starts at zero? (Zero to Hero, lecture 4, exercise E01)."""

import torch
import torch.nn.functional as F
from torch import Tensor


def init_zero(X: Tensor, vocab_size: int, n_embd: int, n_hidden: int) -> dict[str, Tensor]:
    """Make the five tensors: C random, all others zero."""
    params = {
        "C": torch.randn(vocab_size, n_embd, device=X.device),
        "W1": torch.zeros(X.shape[1] * n_embd, n_hidden, device=X.device),
        "b1": torch.zeros(n_hidden, device=X.device),
        "W2": torch.zeros(n_hidden, vocab_size, device=X.device),
        "b2": torch.zeros(vocab_size, device=X.device),
    }
    for p in params.values():
        p.requires_grad = True
    return params


def compute_gradients(params: dict[str, Tensor], X: Tensor, Y: Tensor) -> dict[str, Tensor]:
    """Run the network forward and backward."""
    C, W1, b1, W2, b2 = params.values()
    emb = C[X]  # (N, block_size, n_embd)
    h = torch.tanh(emb.flatten(1) @ W1 + b1)  # (N, n_hidden)
    logits = h @ W2 + b2  # (N, V)
    loss = F.cross_entropy(logits, Y)
    return dict(zip(params, torch.autograd.grad(loss, list(params.values())), strict=True))


def zero_init_gradients(X: Tensor, Y: Tensor, vocab_size: int, n_embd: int, n_hidden: int) -> dict[str, Tensor]:
    """Compute the gradient of the loss with respect to every tensor, before the first step."""
    return compute_gradients(init_zero(X, vocab_size, n_embd, n_hidden), X, Y)


def trainable_parts(
    X: Tensor, Y: Tensor, vocab_size: int, n_embd: int, n_hidden: int, steps: int, lr: float
) -> set[str]:
    """Train from the zero start and name the tensors that ever moved."""
    params = init_zero(X, vocab_size, n_embd, n_hidden)
    start = {name: p.detach().clone() for name, p in params.items()}
    moved = set()
    for _ in range(steps):
        grads = compute_gradients(params, X, Y)
        for name, p in params.items():
            p.data -= lr * grads[name]
            if not torch.equal(p, start[name]):
                moved.add(name)
    return moved


def best_zero_init_loss(Y: Tensor, vocab_size: int) -> float:
    """Tell the loss that the training from the zero start tends to, without training."""
    p = torch.bincount(Y, minlength=vocab_size).double() / len(Y)  # (V,) how often each symbol is the target
    p = p[p > 0]
    return -(p * p.log()).sum().item()
