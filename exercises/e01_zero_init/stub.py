"""What trains in a network that starts at zero? (Zero to Hero, lecture 4, exercise E01)."""

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
    raise NotImplementedError


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
    raise NotImplementedError


def best_zero_init_loss(Y: Tensor, vocab_size: int) -> float:
    """Tell the loss that the training from the zero start tends to, without training.

    Args:
        Y: The targets it trains on (N,), int64, symbols in [0, vocab_size); N at least 1.
        vocab_size: Number of symbols V, at least 2. Some of them may not occur in Y.

    Returns:
        Nats per target.
    """
    raise NotImplementedError
