"""A tiny GPT that trains on a CPU (Zero to Hero, lecture 7).

Source: "Let's build GPT: from scratch, in code, spelled out.", generation from 22:11, positions from 1:00:18, blocks from
1:24:25; Radford et al. 2019, "Language Models are Unsupervised Multitask Learners", section 2.3; Vaswani et al. 2017,
arXiv:1706.03762, section 3.
"""

import torch
from torch import Tensor, nn

# solution: begin
import torch.nn.functional as F
# solution: end

# --- given: the training loop; leave it as it is --------------------------------------------------------


def train(
    model: nn.Module, X: Tensor, Y: Tensor, steps: int, batch_size: int, lr: float, generator: torch.Generator
) -> list[float]:
    """Train a model with AdamW on random rows of X and Y, and return the loss of each batch.

    Args:
        model: Called with a batch of X and of Y; what it returns second is the loss. Trained where it is.
        X: Inputs (N, T), int64. Not modified.
        Y: Targets (N, T), int64: Y[:, t] is what comes after X[:, t]. Not modified.
        steps: Number of steps.
        batch_size: Number of rows of a step.
        lr: The largest learning rate: it rises for 50 steps, and falls to zero until the end.
        generator: Where the rows come from.
    """
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


# --- yours ----------------------------------------------------------------------------------------------


# solution: begin
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


# solution: end


class GPT(nn.Module):
    """Predict the next token at every position of a sequence: a decoder-only transformer.

    A vector for each token plus a vector for each position; n_layer blocks, one after the other; a LayerNorm; a Linear
    to the logits. In a block the vectors first exchange something (causal self-attention with n_head heads) and then
    each is worked on by itself (a small network of two Linear layers with a bend between them). Both parts read the
    vectors through a LayerNorm, and add what they find to them: x + part(norm(x)).

    Write whatever further classes and functions you like. How parameters are named and laid out is up to you.
    """

    def __init__(self, vocab_size: int, block_size: int, n_layer: int, n_head: int, n_embd: int) -> None:
        """Make the layers, with weights so small that the first predictions are nearly uniform.

        Args:
            vocab_size: Number V of tokens.
            block_size: The longest sequence that the model can see.
            n_layer: Number of blocks, 1 or more, all of the same size.
            n_head: Heads of the attention in each block; it divides n_embd.
            n_embd: Numbers C in the vector of a position.
        """
        super().__init__()
        # solution: begin
        self.block_size = block_size
        self.tokens = nn.Embedding(vocab_size, n_embd)
        self.positions = nn.Embedding(block_size, n_embd)
        self.blocks = nn.Sequential(*(Block(n_embd, n_head) for _ in range(n_layer)))
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)
        for layer in self.modules():
            if isinstance(layer, nn.Linear | nn.Embedding):
                nn.init.normal_(layer.weight, std=0.02)
        # solution: end

    def forward(self, idx: Tensor, targets: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """Compute the logits of the next token at every position, and the loss if targets are given.

        Args:
            idx: Tokens (B, T), int64, T from 1 to block_size.
            targets: The token that comes next at each position (B, T), int64: the caller has moved them by one
                already, so targets[:, t] belongs to the logits at t.

        Returns:
            (logits, loss): logits (B, T, V), in which position t knows idx[:, : t + 1] and nothing later; loss () in
            nats, the mean over all B * T positions, or None without targets.

        Raises:
            ValueError: If T is more than block_size; the message shows both.
        """
        # solution: begin
        T = idx.shape[1]
        if self.block_size < T:
            raise ValueError(f"T = {T} is more than block_size = {self.block_size}")
        x = self.tokens(idx) + self.positions.weight[:T]  # (B, T, C)
        logits = self.head(self.norm(self.blocks(x)))  # (B, T, V)
        loss = None if targets is None else F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        return logits, loss
        # solution: end

    # solution: begin
    @torch.no_grad()
    # solution: end
    def generate(
        self,
        idx: Tensor,
        max_new_tokens: int,
        temperature: float = 1.0,
        top_k: int | None = None,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Go on with each sequence, one token after the other, each drawn from what the model predicts.

        Args:
            idx: Prompts (B, T), int64, T at least 1. They may be longer than block_size: of a long sequence, the model
                sees the last block_size tokens. Not modified.
            max_new_tokens: Number of tokens to add, 0 or more.
            temperature: Above 0; the logits are divided by it.
            top_k: If given, only the top_k tokens with the largest logits can be drawn, 1 or more; V or more leaves all.
            generator: What the tokens are drawn with; without it, torch's own.

        Returns:
            (B, T + max_new_tokens), int64: the prompts, whole, and the new tokens behind them. Each sequence has draws
            of its own.
        """
        # solution: begin
        for _ in range(max_new_tokens):
            logits, _ = self(idx[:, -self.block_size :])  # (B, T, V)
            logits = logits[:, -1] / temperature  # (B, V)
            if top_k is not None:
                best = logits.topk(min(top_k, logits.shape[1])).values  # (B, top_k), falling
                logits = logits.masked_fill(logits < best[:, -1:], float("-inf"))
            new = torch.multinomial(logits.softmax(1), 1, generator=generator)  # (B, 1)
            idx = torch.cat([idx, new], dim=1)
        return idx
        # solution: end
