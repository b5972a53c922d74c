"""The character model of Bengio et al. as in lecture 3 of Zero to Hero: embeddings, a hidden layer, logits.

Source: "Building makemore Part 2: MLP", from 18:35; Bengio et al. 2003, section 2.
"""

import torch
from torch import Tensor

# solution: begin
import torch.nn.functional as F
# solution: end

# --- given: asks a model for its gradients, for you and for the grader; leave it as it is ---------------


def take_gradients(model: "MLPLanguageModel", X: Tensor, Y: Tensor) -> list[Tensor | None]:
    """Compute the gradients of model.loss(X, Y) with respect to C, W1, b1, W2 and b2, None where there is none."""
    tensors = [model.C, model.W1, model.b1, model.W2, model.b2]
    return list(torch.autograd.grad(model.loss(X, Y), tensors, allow_unused=True))


# --- yours ----------------------------------------------------------------------------------------------


class MLPLanguageModel:
    """Predict the next character from the embeddings of the last block_size characters.

    Attributes:
        C: Embeddings (vocab_size, n_embd), one table for all places of the context.
        W1, b1: Hidden layer (block_size * n_embd, n_hidden) and (n_hidden,).
        W2, b2: Output layer (n_hidden, vocab_size) and (vocab_size,).

    They are float32 tensors, leaves that require a gradient. Whoever trains or tests the model may replace any of
    them by another tensor of its shape, of float64 too: `forward` and `loss` use what the attributes are then.
    """

    def __init__(
        self, vocab_size: int, block_size: int, n_embd: int, n_hidden: int, generator: torch.Generator | None = None
    ) -> None:
        """Draw all five tensors from a standard normal distribution, as the lecture does at first.

        Args:
            vocab_size: Number of characters V.
            block_size: Number of characters in a context.
            n_embd: Numbers per character.
            n_hidden: Number of hidden units.
            generator: Where all the numbers come from; None for torch's own.
        """
        # solution: begin
        self.C = torch.randn(vocab_size, n_embd, generator=generator)
        self.W1 = torch.randn(block_size * n_embd, n_hidden, generator=generator)
        self.b1 = torch.randn(n_hidden, generator=generator)
        self.W2 = torch.randn(n_hidden, vocab_size, generator=generator)
        self.b2 = torch.randn(vocab_size, generator=generator)
        for p in self.parameters():
            p.requires_grad_()
        # solution: end

    def forward(self, X: Tensor) -> Tensor:
        """Compute the logits of the next character.

        Args:
            X: Contexts (N, block_size), int64, each entry in [0, vocab_size); N at least 1. The embedding of the
                character at place i of a context is the i-th stretch of n_embd numbers in its row.

        Returns:
            (N, vocab_size) in the dtype of the parameters.
        """
        # solution: begin
        emb = self.C[X]  # (N, block_size, n_embd)
        h = torch.tanh(emb.flatten(1) @ self.W1 + self.b1)  # (N, n_hidden)
        return h @ self.W2 + self.b2  # (N, vocab_size)
        # solution: end

    def loss(self, X: Tensor, Y: Tensor) -> Tensor:
        """Compute the mean negative log-likelihood of the characters that followed.

        Args:
            X: Contexts (N, block_size), int64.
            Y: The character after each (N,), int64.

        Returns:
            Nats per row, a scalar () that gradients can be taken of; finite for logits of +-1000.
        """
        # solution: begin
        return F.cross_entropy(self.forward(X), Y)
        # solution: end

    def parameters(self) -> list[Tensor]:
        """Return [C, W1, b1, W2, b2], the tensors themselves, not copies."""
        # solution: begin
        return [self.C, self.W1, self.b1, self.W2, self.b2]
        # solution: end
