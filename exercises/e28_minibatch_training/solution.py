"""Train the MLP: one batch until it is known by heart, then minibatches (Zero to Hero, lecture 3, from 37:56)."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

# --- given: the model of the lecture, with a start that is scaled; leave it as it is --------------------


class MLPLanguageModel:
    """Predict the next character from the embeddings of the last block_size characters.

    C (vocab_size, n_embd), W1 (block_size * n_embd, n_hidden), b1 (n_hidden,), W2 (n_hidden, vocab_size) and
    b2 (vocab_size,) require gradients. The first prediction is nearly uniform.
    """

    def __init__(
        self, vocab_size: int, block_size: int, n_embd: int, n_hidden: int, generator: torch.Generator | None = None
    ) -> None:
        fan_in = block_size * n_embd
        self.C = torch.randn(vocab_size, n_embd, generator=generator)
        self.W1 = torch.randn(fan_in, n_hidden, generator=generator) / fan_in**0.5
        self.b1 = torch.zeros(n_hidden)
        self.W2 = torch.randn(n_hidden, vocab_size, generator=generator) * 0.01
        self.b2 = torch.zeros(vocab_size)
        for p in self.parameters():
            p.requires_grad_()

    def forward(self, X: Tensor) -> Tensor:
        """Compute the logits (N, vocab_size) for contexts X (N, block_size)."""
        emb = self.C[X]  # (N, block_size, n_embd)
        h = torch.tanh(emb.flatten(1) @ self.W1 + self.b1)  # (N, n_hidden)
        return h @ self.W2 + self.b2  # (N, vocab_size)

    def loss(self, X: Tensor, Y: Tensor) -> Tensor:
        """Compute the mean negative log-likelihood (), in nats, of the characters Y (N,) that followed."""
        return F.cross_entropy(self.forward(X), Y)

    def parameters(self) -> list[Tensor]:
        """Return [C, W1, b1, W2, b2], the tensors themselves."""
        return [self.C, self.W1, self.b1, self.W2, self.b2]


# --- yours ----------------------------------------------------------------------------------------------


def overfit_batch(model: MLPLanguageModel, X: Tensor, Y: Tensor, steps: int, lr: float) -> list[float]:
    """Descend the gradient of all rows at once, again and again.

    At each step every parameter moves by -lr times the gradient of the loss of this step, and of no earlier one.

    Args:
        model: Trained where it is: its parameters have changed afterwards.
        X: Contexts (N, block_size), int64; a few dozen. Not modified.
        Y: The character after each (N,), int64. Not modified.
        steps: Number of steps, 0 or more.
        lr: Learning rate.

    Returns:
        The loss of each step, measured before the parameters move, as plain floats.
    """
    # solution: begin
    losses = []
    for _ in range(steps):
        loss = model.loss(X, Y)
        descend(model, loss, lr)
        losses.append(loss.item())
    return losses
    # solution: end


# solution: begin
def descend(model: MLPLanguageModel, loss: Tensor, lr: float) -> None:
    """Move every parameter by -lr times the gradient of this loss."""
    for p in model.parameters():
        p.grad = None
    loss.backward()
    for p in model.parameters():
        p.data -= lr * p.grad


# solution: end


def train_sgd(
    model: MLPLanguageModel,
    X: Tensor,
    Y: Tensor,
    steps: int,
    batch_size: int,
    lr_schedule: Callable[[int], float],
    generator: torch.Generator,
) -> list[float]:
    """Descend the gradient of a few random rows at each step.

    The rows of a step are drawn with replacement: batch_size indices from 0 to N - 1 by a single call of
    torch.randint with `generator`, which is used for nothing else; so an equal generator leads to equal batches.

    Args:
        model: Trained where it is: its parameters have changed afterwards.
        X: Contexts (N, block_size), int64; any number, fewer than batch_size too. Not modified.
        Y: The character after each (N,), int64. Not modified.
        steps: Number of steps, 0 or more. What you print now and then is shown meanwhile.
        batch_size: Number of rows of a step.
        lr_schedule: Gives the learning rate of a step; asked once at each, with 0, 1, ..., steps - 1.
        generator: Where the indices come from; it lives on the CPU.

    Returns:
        The loss of each step's rows, measured before the parameters move, as plain floats.
    """
    # solution: begin
    losses = []
    for step in range(steps):
        ix = torch.randint(0, len(X), (batch_size,), generator=generator)
        loss = model.loss(X[ix], Y[ix])
        descend(model, loss, lr_schedule(step))
        losses.append(loss.item())  # a float: the tensor would keep its graph alive
        if step % 250 == 0:
            print(f"{step:5d} steps: loss {losses[-1]:.4f}")
    return losses
    # solution: end
