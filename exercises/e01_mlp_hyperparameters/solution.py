"""Train a character network within a time budget (Zero to Hero, lecture 3, exercise E01)."""

import time
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

BLOCK_SIZE, N_EMBD, N_HIDDEN = 4, 16, 200
STEPS, BATCH_SIZE, LEARNING_RATE, MOMENTUM = 5000, 256, 0.2, 0.9


def build_dataset(words: list[str], stoi: dict[str, int], block_size: int) -> tuple[Tensor, Tensor]:
    """Cut words into contexts (N, block_size) and the character that follows each (N,)."""
    X, Y = [], []
    for word in words:
        context = [stoi["."]] * block_size
        for ch in word + ".":
            X.append(context)
            Y.append(stoi[ch])
            context = [*context[1:], stoi[ch]]
    return torch.tensor(X), torch.tensor(Y)


def train_best(
    words_train: list[str], words_dev: list[str], stoi: dict[str, int], seed: int, time_budget_s: float
) -> tuple[Callable[[Tensor], Tensor], int]:
    """Train a network on words_train and return its logits function and its block_size."""
    deadline_s = time.monotonic() + 0.95 * time_budget_s
    g = torch.Generator().manual_seed(seed)
    X, Y = build_dataset(words_train, stoi, BLOCK_SIZE)
    X_dev, Y_dev = build_dataset(words_dev, stoi, BLOCK_SIZE)

    V, fan_in = len(stoi), BLOCK_SIZE * N_EMBD
    C = torch.randn(V, N_EMBD, generator=g)
    W1 = torch.randn(fan_in, N_HIDDEN, generator=g) * (5 / 3) / fan_in**0.5  # tanh neither saturates nor dies
    b1 = torch.zeros(N_HIDDEN)
    W2 = torch.randn(N_HIDDEN, V, generator=g) * 0.01  # the first guess is nearly uniform
    b2 = torch.zeros(V)
    parameters = [C, W1, b1, W2, b2]
    velocities = [torch.zeros_like(p) for p in parameters]
    for p in parameters:
        p.requires_grad = True

    def logits_fn(X: Tensor) -> Tensor:
        emb = C[X.to(C.device)]  # (N, block_size, n_embd)
        h = torch.tanh(emb.flatten(1) @ W1 + b1)  # (N, n_hidden)
        return h @ W2 + b2  # (N, V)

    ready_s = time.monotonic()
    for step in range(STEPS):
        now_s = time.monotonic()
        if now_s >= deadline_s:
            break
        # The share of the training that is over: by the steps or, on a slow machine, by the clock.
        done = max((step + 1) / STEPS, (now_s - ready_s) / (deadline_s - ready_s))
        if step % 500 == 0:
            print(f"{step:5d} steps: dev loss {dev_loss(logits_fn, X_dev, Y_dev):.4f}")
        ix = torch.randint(0, len(X), (BATCH_SIZE,), generator=g)
        loss = F.cross_entropy(logits_fn(X[ix]), Y[ix])
        for p in parameters:
            p.grad = None
        loss.backward()
        lr = LEARNING_RATE * min(1.0, (1 - done) / 0.9)  # the same for a tenth of the training, then down to 0
        for p, velocity in zip(parameters, velocities, strict=True):
            velocity.mul_(MOMENTUM).add_(p.grad)
            p.data -= lr * velocity
    for p in parameters:
        p.requires_grad = False
    return logits_fn, BLOCK_SIZE


def dev_loss(logits_fn: Callable[[Tensor], Tensor], X: Tensor, Y: Tensor) -> float:
    """Measure the mean cross-entropy over all rows, in nats."""
    total = 0.0
    with torch.no_grad():
        for x, y in zip(X.split(4096), Y.split(4096), strict=True):
            total += F.cross_entropy(logits_fn(x), y, reduction="sum").item()
    return total / len(Y)
