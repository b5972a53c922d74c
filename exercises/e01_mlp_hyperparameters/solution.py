"""Train a character network within a time budget (Zero to Hero, lecture 3, exercise E01)."""

# solution: begin
import time

# solution: end
from collections.abc import Callable

# solution: begin
import torch
import torch.nn.functional as F

# solution: end
from torch import Tensor


# solution: begin
BLOCK_SIZE, N_EMBD, N_HIDDEN = 4, 16, 200
# solution: end


# solution: begin
STEPS, BATCH_SIZE, LEARNING_RATE, MOMENTUM = 5000, 256, 0.2, 0.9
# solution: end


# solution: begin
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


# solution: end


def train_best(
    words_train: list[str], words_dev: list[str], stoi: dict[str, int], seed: int, time_budget_s: float
) -> tuple[Callable[[Tensor], Tensor], int]:
    """Train a network that predicts the next character of a word, as well as the time allows.

    What counts is a neural network trained by gradient steps on words_train: learned embedding rows for the
    characters, matrix products, at least one layer of nonlinear units, written with torch. Its size and kind, the
    optimizer, the schedule and the regularisation are yours. Counts of n-grams, a table with an entry per context, or
    either of them inside a network are not the exercise, however low their loss; weights made beforehand are not
    either.

    Args:
        words_train: The words to learn from, repeats included.
        words_dev: Words for choices only: when to stop, which of two models to keep, what to print. No gradient
            step and no count may use them.
        stoi: The index of each of the V characters, '.' included, which starts and ends a word. Every character of
            the words is in it. The order is not that of the alphabet, and '.' need not be 0.
        seed: Seeds everything random, in [0, 2**31).
        time_budget_s: Seconds from the call to the return, with building the data set; 2 or more. A tenth over it is
            forgiven. Of wall-clock and processor time the smaller one counts.
        Words and stoi stay unchanged.

    Returns:
        (logits_fn, block_size), block_size from 3 to 32.

        logits_fn maps contexts (N, block_size), int64, to logits (N, V), floating point and finite, V in the order
        of stoi. A row holds the block_size characters before the one to predict, the latest last; a short context is
        filled with '.' in front. The contexts may lie on another device than your network (`--device`), and so may
        the logits. It works for any N of at least 1 and any rows, gives the same answer every time, and a row's
        logits do not depend on the other rows.

    What you print is shown while the training runs.

    Source:
        Zero to Hero, lecture 3: training with minibatches from 41:25, the splits from 53:20, the search for better
        sizes from 1:00:49.
    """
    # solution: begin
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
    # solution: end


def dev_loss(logits_fn: Callable[[Tensor], Tensor], X: Tensor, Y: Tensor) -> float:
    """Measure how well a model predicts: the mean cross-entropy over all rows.

    Args:
        logits_fn: Maps contexts (n, block_size) to logits (n, V), for as many or as few rows at a time as you like.
        X: Contexts (N, block_size), int64; N at least 1, a few ten thousand for the dev split.
        Y: The character that follows each (N,), int64.

    Returns:
        Nats per row, every row counting the same; finite for logits of a thousand too.
    """
    # solution: begin
    total = 0.0
    with torch.no_grad():
        for x, y in zip(X.split(4096), Y.split(4096), strict=True):
            total += F.cross_entropy(logits_fn(x), y, reduction="sum").item()
    return total / len(Y)
    # solution: end
