"""The character model of lecture 3: the reference solution."""

import torch
import torch.nn.functional as F
from torch import Tensor


def take_gradients(model: "MLPLanguageModel", X: Tensor, Y: Tensor) -> list[Tensor | None]:
    """Compute the gradients of model.loss(X, Y) with respect to C, W1, b1, W2 and b2, None where there is none."""
    tensors = [model.C, model.W1, model.b1, model.W2, model.b2]
    return list(torch.autograd.grad(model.loss(X, Y), tensors, allow_unused=True))


class MLPLanguageModel:
    """Predict the next character from the embeddings of the last block_size characters."""

    def __init__(
        self, vocab_size: int, block_size: int, n_embd: int, n_hidden: int, generator: torch.Generator | None = None
    ) -> None:
        """Draw all five tensors from a standard normal distribution."""
        self.C = torch.randn(vocab_size, n_embd, generator=generator)
        self.W1 = torch.randn(block_size * n_embd, n_hidden, generator=generator)
        self.b1 = torch.randn(n_hidden, generator=generator)
        self.W2 = torch.randn(n_hidden, vocab_size, generator=generator)
        self.b2 = torch.randn(vocab_size, generator=generator)
        for p in self.parameters():
            p.requires_grad_()

    def forward(self, X: Tensor) -> Tensor:
        """Compute the logits of the next character."""
        emb = self.C[X]  # (N, block_size, n_embd)
        h = torch.tanh(emb.flatten(1) @ self.W1 + self.b1)  # (N, n_hidden)
        return h @ self.W2 + self.b2  # (N, vocab_size)

    def loss(self, X: Tensor, Y: Tensor) -> Tensor:
        """Compute the mean negative log-likelihood of the characters that followed."""
        return F.cross_entropy(self.forward(X), Y)

    def parameters(self) -> list[Tensor]:
        """Return the five tensors."""
        return [self.C, self.W1, self.b1, self.W2, self.b2]
