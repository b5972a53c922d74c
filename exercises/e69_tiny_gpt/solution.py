"""A tiny GPT: embeddings of tokens and positions, blocks, a norm and a head."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# --- given: the training loop; leave it as it is --------------------------------------------------------


def train(
    model: nn.Module, X: Tensor, Y: Tensor, steps: int, batch_size: int, lr: float, generator: torch.Generator
) -> list[float]:
    """Train a model with AdamW on random rows of X and Y, and return the loss of each batch."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr, betas=(0.9, 0.99), weight_decay=0.01)
    losses = []
    model.train()
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = lr * min(1.0, (step + 1) / 50) * (1 - step / steps)
        rows = torch.randint(0, len(X), (batch_size,), generator=generator)
        _, loss = model(X[rows], Y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if step % 50 == 0:
            print(f"step {step:4d} of {steps}: loss {losses[-1]:.3f}")
    return losses


# --- the exercise ---------------------------------------------------------------------------------------


class Block(nn.Module):
    """Causal self-attention, then a small network for each position; both add to what comes in."""

    def __init__(self, n_embd: int, n_head: int) -> None:
        super().__init__()
        self.n_head = n_head
        self.norm1, self.norm2 = nn.LayerNorm(n_embd), nn.LayerNorm(n_embd)
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        self.proj = nn.Linear(n_embd, n_embd)
        self.mlp = nn.Sequential(nn.Linear(n_embd, 4 * n_embd), nn.GELU(), nn.Linear(4 * n_embd, n_embd))

    def forward(self, x: Tensor) -> Tensor:
        qkv = self.qkv(self.norm1(x)).unflatten(-1, (3, self.n_head, -1))  # (B, T, 3, H, C / H)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # (B, H, T, C / H) each
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)  # (B, H, T, C / H)
        x = x + self.proj(mixed.transpose(1, 2).flatten(2))  # (B, T, C)
        return x + self.mlp(self.norm2(x))


class GPT(nn.Module):
    """Predict the next token at every position of a sequence: a decoder-only transformer."""

    def __init__(self, vocab_size: int, block_size: int, n_layer: int, n_head: int, n_embd: int) -> None:
        super().__init__()
        self.block_size = block_size
        self.tokens = nn.Embedding(vocab_size, n_embd)
        self.positions = nn.Embedding(block_size, n_embd)
        self.blocks = nn.Sequential(*(Block(n_embd, n_head) for _ in range(n_layer)))
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)
        for layer in self.modules():
            if isinstance(layer, nn.Linear | nn.Embedding):
                nn.init.normal_(layer.weight, std=0.02)

    def forward(self, idx: Tensor, targets: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        T = idx.shape[1]
        if self.block_size < T:
            raise ValueError(f"T = {T} is more than block_size = {self.block_size}")
        x = self.tokens(idx) + self.positions.weight[:T]  # (B, T, C)
        logits = self.head(self.norm(self.blocks(x)))  # (B, T, V)
        loss = None if targets is None else F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        return logits, loss

    @torch.no_grad()
    def generate(
        self,
        idx: Tensor,
        max_new_tokens: int,
        temperature: float = 1.0,
        top_k: int | None = None,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        for _ in range(max_new_tokens):
            logits, _ = self(idx[:, -self.block_size :])  # (B, T, V)
            logits = logits[:, -1] / temperature  # (B, V)
            if top_k is not None:
                best = logits.topk(min(top_k, logits.shape[1])).values  # (B, top_k), falling
                logits = logits.masked_fill(logits < best[:, -1:], float("-inf"))
            new = torch.multinomial(logits.softmax(1), 1, generator=generator)  # (B, 1)
            idx = torch.cat([idx, new], dim=1)
        return idx
