"""What trains in a network that starts at zero? (Zero to Hero, lecture 4, exercise E01)."""

# solution: begin
import torch
import torch.nn.functional as F

# solution: end
from torch import Tensor

# The network, for N contexts X of block_size symbols each:
#
#     emb = C[X]                                                   (N, block_size, n_embd)
#     h = tanh(emb flattened to (N, block_size * n_embd) @ W1 + b1)   (N, n_hidden)
#     logits = h @ W2 + b2                                         (N, vocab_size)
#     loss = mean over the N rows of the cross-entropy of logits and Y
#
#     C (vocab_size, n_embd), W1 (block_size * n_embd, n_hidden), b1 (n_hidden,), W2 (n_hidden, vocab_size),
#     b2 (vocab_size,): float32, on the device of X. C is drawn from a standard normal distribution (any draw must
#     lead to the same answers), the other four start at exactly zero.


# solution: begin
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


# solution: end


# solution: begin
def compute_gradients(params: dict[str, Tensor], X: Tensor, Y: Tensor) -> dict[str, Tensor]:
    """Run the network forward and backward."""
    C, W1, b1, W2, b2 = params.values()
    emb = C[X]  # (N, block_size, n_embd)
    h = torch.tanh(emb.flatten(1) @ W1 + b1)  # (N, n_hidden)
    logits = h @ W2 + b2  # (N, V)
    loss = F.cross_entropy(logits, Y)
    return dict(zip(params, torch.autograd.grad(loss, list(params.values())), strict=True))


# solution: end


def zero_init_gradients(X: Tensor, Y: Tensor, vocab_size: int, n_embd: int, n_hidden: int) -> dict[str, Tensor]:
    """Compute the gradient of the loss with respect to every tensor, before the first step.

    Args:
        X: Contexts (N, block_size), int64, symbols in [0, vocab_size); N and block_size at least 1.
        Y: The symbol that follows each context (N,), int64. Some symbols may not occur.
        vocab_size: Number of symbols V, at least 2.
        n_embd, n_hidden: Width of the embedding and of the hidden layer, at least 1.

    Returns:
        The gradients under the keys 'C', 'W1', 'b1', 'W2' and 'b2', float32, each with the shape of its tensor. Where
        nothing flows the gradient is a tensor of zeros, not None.

    Source:
        Zero to Hero, lecture 4: the network from 1:22, its initial loss from 4:19.
    """
    # solution: begin
    return compute_gradients(init_zero(X, vocab_size, n_embd, n_hidden), X, Y)
    # solution: end


def trainable_parts(
    X: Tensor, Y: Tensor, vocab_size: int, n_embd: int, n_hidden: int, steps: int, lr: float
) -> set[str]:
    """Train from the zero start and name the tensors that ever moved.

    Plain gradient descent on all of X and Y at once: at each step every tensor moves by -lr times its gradient.

    Args:
        X, Y, vocab_size, n_embd, n_hidden: As in `zero_init_gradients`.
        steps: Number of steps, 0 or more.
        lr: Learning rate, 0 or more.

    Returns:
        A subset of {'C', 'W1', 'b1', 'W2', 'b2'}: the tensors that had, after some step, another value than at the
        start. Empty if no step was taken.
    """
    # solution: begin
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
    # solution: end


def best_zero_init_loss(Y: Tensor, vocab_size: int) -> float:
    """Tell the loss that the training from the zero start tends to, without training.

    Args:
        Y: The targets it trains on (N,), int64, symbols in [0, vocab_size); N at least 1.
        vocab_size: Number of symbols V, at least 2. Some of them may not occur in Y.

    Returns:
        Nats per target.
    """
    # solution: begin
    p = torch.bincount(Y, minlength=vocab_size).double() / len(Y)  # (V,) how often each symbol is the target
    p = p[p > 0]
    return -(p * p.log()).sum().item()
    # solution: end
