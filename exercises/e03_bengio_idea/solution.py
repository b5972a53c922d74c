"""Two ideas of Bengio et al. 2003 tried out: direct connections and a weight penalty (lecture 3, exercise E03)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# --- given ---

#: Index k is CHARACTERS[k]: the dot at 0, then the letters.
CHARACTERS = ".abcdefghijklmnopqrstuvwxyz"
#: The sizes of the compared networks, and how each of them is trained.
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
    """The network of lecture 3, with direct connections from the features to the logits on demand.

    Its parameters, and there are no others:

        C         (vocab_size, n_embd)               a row of features per character
        W1, b1    (block_size * n_embd, n_hidden), (n_hidden,)
        W2, b2    (n_hidden, vocab_size), (vocab_size,)
        W_direct  (block_size * n_embd, vocab_size)  only with direct

    Random starting values come from torch's global generator. After the same `torch.manual_seed`, C, W1, b1, W2
    and b2 start alike with and without direct. How they are scaled is up to you; `draw_weights` will do.

    Source:
        Bengio et al. 2003, JMLR 3:1137-1155, section 2, eq. (1), where they are called C, H, d, U, b and W.
    """

    def __init__(self, vocab_size: int, block_size: int, n_embd: int, n_hidden: int, direct: bool = True) -> None:
        """Make the parameters.

        Args:
            vocab_size, block_size, n_embd, n_hidden: The sizes of the network, each 1 or more.
            direct: Whether there are direct connections.
        """
        super().__init__()
        # solution: begin
        fan_in = block_size * n_embd
        self.C = nn.Parameter(torch.randn(vocab_size, n_embd))
        self.W1 = draw_weights(fan_in, n_hidden)
        self.b1 = nn.Parameter(torch.zeros(n_hidden))
        self.W2 = draw_weights(n_hidden, vocab_size)
        self.b2 = nn.Parameter(torch.zeros(vocab_size))
        # Last, so that the others start alike with and without it.
        self.W_direct = nn.Parameter(torch.zeros(fan_in, vocab_size)) if direct else None
        # solution: end

    def forward(self, x: Tensor) -> Tensor:
        """Compute the logits of the next character.

        The features of the block are the rows of C one behind the other. A hidden layer of tanh units reads them
        and an output layer reads that; with direct, one more linear map from the features is added.

        Args:
            x: Contexts (N, block_size), int64, the latest character last.

        Returns:
            (N, vocab_size) in the dtype of the parameters.
        """
        # solution: begin
        features = self.C[x].flatten(1)  # (N, block_size * n_embd)
        h = torch.tanh(features @ self.W1 + self.b1)  # (N, n_hidden)
        logits = h @ self.W2 + self.b2  # (N, V)
        return logits if self.W_direct is None else logits + features @ self.W_direct
        # solution: end


def l2_penalty(model: DirectNPLM, weight: float) -> Tensor:
    """Add up the squares of all weights, to be added to the loss.

    Args:
        model: Any DirectNPLM; stays unchanged.
        weight: Factor of the sum, 0 or more.

    Returns:
        weight times the sum of the squared entries of W1, W2 and, where there is one, W_direct: a tensor of shape
        (), through which gradients flow. Biases and features are not punished.

    Source:
        Bengio et al. 2003, section 2: the regularisation term R. There C is punished as well; here it is left out.
    """
    # solution: begin
    squares = [(p**2).sum() for name, p in model.named_parameters() if name.startswith("W")]
    return weight * torch.stack(squares).sum()
    # solution: end


def train_variant(words_train: list[str], seed: int, direct: bool, weight: float, steps: int = STEPS) -> DirectNPLM:
    """Train one variant from scratch, with everything random decided by the seed.

    A seed gives the same start (see `DirectNPLM`) and the same batches in the same order to every variant. The sizes
    are len(CHARACTERS), BLOCK_SIZE, N_EMBD and N_HIDDEN.

    Args:
        words_train: The words to learn from, at least one. Not modified.
        seed: In [0, 2**31).
        direct: Whether the model has direct connections.
        weight: The weight of the penalty while training, 0 or more.
        steps: Steps of `train`; with 0 the model is as it starts.

    Returns:
        The model.
    """
    # solution: begin
    torch.manual_seed(seed)
    model = DirectNPLM(len(CHARACTERS), BLOCK_SIZE, N_EMBD, N_HIDDEN, direct)
    X, Y = build_dataset(words_train)
    train(model, X, Y, torch.Generator().manual_seed(seed), weight, steps)
    return model
    # solution: end


def compare(words_train: list[str], words_dev: list[str], seed: int, steps: int = STEPS) -> dict[str, float]:
    """Train three variants that differ in nothing but the idea, and measure each on the dev words.

    Args:
        words_train: The words to learn from. Not modified.
        words_dev: The words to measure on, and nothing else. Not modified.
        seed: The same for all.
        steps: Steps of each training, as in `train_variant`.

    Returns:
        The mean cross-entropy over all rows of the dev words, in nats and without penalty, of 'baseline' (neither
        idea), 'direct' (direct connections) and 'penalty' (the penalty with weight PENALTY, not direct).
    """
    # solution: begin
    X, Y = build_dataset(words_dev)
    losses = {}
    for name, direct, weight in (("baseline", False, 0.0), ("direct", True, 0.0), ("penalty", False, PENALTY)):
        model = train_variant(words_train, seed, direct, weight, steps)
        with torch.no_grad():
            losses[name] = F.cross_entropy(model(X), Y).item()
        print(f"{name}: dev loss {losses[name]:.4f}")
    return losses
    # solution: end
