"""The direct connections and the weight penalty of Bengio et al. 2003: the reference solution."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# --- given ---

CHARACTERS = ".abcdefghijklmnopqrstuvwxyz"
BLOCK_SIZE, N_EMBD, N_HIDDEN = 3, 10, 64
STEPS, BATCH_SIZE, PENALTY = 1000, 128, 1e-4


def build_dataset(words: list[str]) -> tuple[Tensor, Tensor]:
    """Cut words into contexts (N, BLOCK_SIZE), filled with '.' in front, and what follows each (N,), int64."""
    padded = ["." * BLOCK_SIZE + word + "." for word in words]
    # One text per column: all first characters of a row, all second ones, and so on.
    columns = ["".join(p[i : len(p) - BLOCK_SIZE + i] for p in padded) for i in range(BLOCK_SIZE + 1)]
    indices = torch.tensor([[CHARACTERS.index(ch) for ch in column] for column in columns])  # (BLOCK_SIZE + 1, N)
    return indices[:-1].T, indices[-1]


def draw_weights(fan_in: int, fan_out: int) -> nn.Parameter:
    """Draw a matrix (fan_in, fan_out) with the global generator, scaled to keep the size of what it is multiplied by."""
    return nn.Parameter(torch.randn(fan_in, fan_out) / fan_in**0.5)


def training_loss(model: "DirectNPLM", X: Tensor, Y: Tensor, weight: float) -> Tensor:
    """Compute what training makes small: the mean cross-entropy in nats plus the penalty."""
    return F.cross_entropy(model(X), Y) + l2_penalty(model, weight)


def take_gradients(model: "DirectNPLM", X: Tensor, Y: Tensor, weight: float) -> dict[str, Tensor]:
    """Return the gradient of the training loss with respect to each parameter, by its name."""
    named = dict(model.named_parameters())
    loss = training_loss(model, X, Y, weight)
    grads = torch.autograd.grad(loss, list(named.values()), allow_unused=True, materialize_grads=True)
    return dict(zip(named, grads, strict=True))


def train(model: "DirectNPLM", X: Tensor, Y: Tensor, generator: torch.Generator, weight: float, steps: int) -> None:
    """Train the model in place: minibatches drawn with the generator, a rate of 0.3 that falls to 0.03."""
    for step in range(steps):
        ix = torch.randint(0, len(X), (BATCH_SIZE,), generator=generator)
        loss = training_loss(model, X[ix], Y[ix], weight)
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= (0.3 if step < 0.7 * steps else 0.03) * p.grad
        if step % 500 == 0:
            print(f"{step:5d} steps: loss {loss.item():.4f}")


# --- yours ---


class DirectNPLM(nn.Module):
    def __init__(self, vocab_size: int, block_size: int, n_embd: int, n_hidden: int, direct: bool = True) -> None:
        super().__init__()
        fan_in = block_size * n_embd
        self.C = nn.Parameter(torch.randn(vocab_size, n_embd))
        self.W1 = draw_weights(fan_in, n_hidden)
        self.b1 = nn.Parameter(torch.zeros(n_hidden))
        self.W2 = draw_weights(n_hidden, vocab_size)
        self.b2 = nn.Parameter(torch.zeros(vocab_size))
        # Last, so that the others start alike with and without it.
        self.W_direct = nn.Parameter(torch.zeros(fan_in, vocab_size)) if direct else None

    def forward(self, x: Tensor) -> Tensor:
        features = self.C[x].flatten(1)  # (N, block_size * n_embd)
        h = torch.tanh(features @ self.W1 + self.b1)  # (N, n_hidden)
        logits = h @ self.W2 + self.b2  # (N, V)
        return logits if self.W_direct is None else logits + features @ self.W_direct


def l2_penalty(model: DirectNPLM, weight: float) -> Tensor:
    squares = [(p**2).sum() for name, p in model.named_parameters() if name.startswith("W")]
    return weight * torch.stack(squares).sum()


def train_variant(words_train: list[str], seed: int, direct: bool, weight: float, steps: int = STEPS) -> DirectNPLM:
    torch.manual_seed(seed)
    model = DirectNPLM(len(CHARACTERS), BLOCK_SIZE, N_EMBD, N_HIDDEN, direct)
    X, Y = build_dataset(words_train)
    train(model, X, Y, torch.Generator().manual_seed(seed), weight, steps)
    return model


def compare(words_train: list[str], words_dev: list[str], seed: int, steps: int = STEPS) -> dict[str, float]:
    X, Y = build_dataset(words_dev)
    losses = {}
    for name, direct, weight in (("baseline", False, 0.0), ("direct", True, 0.0), ("penalty", False, PENALTY)):
        model = train_variant(words_train, seed, direct, weight, steps)
        with torch.no_grad():
            losses[name] = F.cross_entropy(model(X), Y).item()
        print(f"{name}: dev loss {losses[name]:.4f}")
    return losses
