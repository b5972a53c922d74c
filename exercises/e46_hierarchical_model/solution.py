"""A character model that merges its context pair by pair, as in the tree of WaveNet (lecture 6).

Source: "Building makemore Part 5: Building a WaveNet", from 0:21:36;
van den Oord et al. 2016, arXiv:1609.03499, figure 3.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

# --- given: the layers of the lecture, and a training loop; leave them as they are ----------------------


class Embedding:
    """A vector of n_embd numbers for each of vocab_size symbols: int64 (...) to (..., n_embd)."""

    def __init__(self, vocab_size: int, n_embd: int, generator: torch.Generator | None = None) -> None:
        self.weight = torch.randn(vocab_size, n_embd, generator=generator)

    def __call__(self, x: Tensor) -> Tensor:
        return self.weight[x]

    def parameters(self) -> list[Tensor]:
        return [self.weight]


class FlattenConsecutive:
    """Lay every n neighbouring positions side by side: (B, T, C) to (B, T // n, C * n), or (B, C * n) if T is n."""

    def __init__(self, n: int) -> None:
        self.n = n

    def __call__(self, x: Tensor) -> Tensor:
        B, T, C = x.shape
        return x.view(B, T // self.n, C * self.n).squeeze(1)

    def parameters(self) -> list[Tensor]:
        return []


class Linear:
    """x @ weight + bias for the last dimension; the weight (fan_in, fan_out) has a spread of 1 / sqrt(fan_in)."""

    def __init__(self, fan_in: int, fan_out: int, bias: bool = True, generator: torch.Generator | None = None) -> None:
        self.weight = torch.randn(fan_in, fan_out, generator=generator) / fan_in**0.5
        self.bias = torch.zeros(fan_out) if bias else None

    def __call__(self, x: Tensor) -> Tensor:
        out = x @ self.weight
        return out if self.bias is None else out + self.bias

    def parameters(self) -> list[Tensor]:
        return [self.weight] if self.bias is None else [self.weight, self.bias]


class BatchNorm1d:
    """Normalise each channel of (B, dim) or (B, T, dim): by the batch while `training`, afterwards by running statistics."""

    def __init__(self, dim: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        self.eps = eps
        self.momentum = momentum
        self.training = True
        self.gamma = torch.ones(dim)
        self.beta = torch.zeros(dim)
        self.running_mean = torch.zeros(dim)
        self.running_var = torch.ones(dim)

    def __call__(self, x: Tensor) -> Tensor:
        dims = tuple(range(x.ndim - 1))  # all but the channels
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean, var = x.mean(dims), x.var(dims, correction=0)
            with torch.no_grad():
                n = x.numel() // x.shape[-1]
                self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
                self.running_var = (1 - self.momentum) * self.running_var + self.momentum * var * n / max(n - 1, 1)
        return (x - mean) * (self.gamma / torch.sqrt(var + self.eps)) + self.beta

    def parameters(self) -> list[Tensor]:
        return [self.gamma, self.beta]


class Tanh:
    """The hyperbolic tangent, element by element."""

    def __call__(self, x: Tensor) -> Tensor:
        return torch.tanh(x)

    def parameters(self) -> list[Tensor]:
        return []


class Sequential:
    """Layers one after the other, under `layers`; `training` tells the mode that `train` switches all of them to."""

    def __init__(self, layers: list) -> None:
        self.layers = layers
        self.training = True

    def __call__(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x)
        return x

    def parameters(self) -> list[Tensor]:
        return [p for layer in self.layers for p in layer.parameters()]

    def train(self, mode: bool = True) -> None:
        self.training = mode
        for layer in self.layers:
            if hasattr(layer, "training"):
                layer.training = mode


def train_adam(
    model: Sequential, X: Tensor, Y: Tensor, steps: int, batch_size: int, lr: float, generator: torch.Generator
) -> list[float]:
    """Train on minibatches of contexts X (N, block_size) and targets Y (N,) with Adam; the rate falls to a tenth at the end.

    Returns the mean cross-entropy of each batch, in nats. (Adam is Kingma & Ba 2015, arXiv:1412.6980, algorithm 1.)
    """
    parameters = model.parameters()
    means = [torch.zeros_like(p) for p in parameters]
    squares = [torch.zeros_like(p) for p in parameters]
    for p in parameters:
        p.requires_grad_()
    losses = []
    for step in range(1, steps + 1):
        ix = torch.randint(0, len(X), (batch_size,), generator=generator)
        loss = F.cross_entropy(model(X[ix]), Y[ix])
        gradients = torch.autograd.grad(loss, parameters)
        rate = lr if step <= 0.75 * steps else 0.1 * lr
        with torch.no_grad():
            for p, g, mean, square in zip(parameters, gradients, means, squares, strict=True):
                mean.lerp_(g, 0.1)
                square.lerp_(g * g, 0.01)
                root = torch.sqrt(square / (1 - 0.99**step)) + 1e-8
                p -= rate * mean / (1 - 0.9**step) / root
        losses.append(loss.item())
        if step % 100 == 0:
            print(f"{step:5d} steps: loss {sum(losses[-100:]) / 100:.4f}")
    return losses


# --- yours -------------------------------------------------------------------------------------------


def build_hierarchical(
    vocab_size: int, block_size: int, n_embd: int, n_hidden: int, generator: torch.Generator | None = None
) -> Sequential:
    """Put the tree together.

    An Embedding comes first. Then, as often as it takes until the block_size positions are one: a FlattenConsecutive
    of pairs, a Linear without bias to n_hidden, a BatchNorm1d, a Tanh. At last a Linear with bias to vocab_size, whose
    weight is scaled down to a tenth, so that the first guess is nearly uniform.

    Args:
        vocab_size: Number of symbols V.
        block_size: Number of positions in a context, a power of two, at least 2.
        n_embd: Numbers per embedded symbol.
        n_hidden: Numbers per position after each Linear but the last.
        generator: Where all random numbers come from; by default from torch's own.

    Returns:
        One Sequential that holds these layers directly. It maps contexts (B, block_size), int64, to logits (B, V), float32,
        and is in training mode.

    Raises:
        ValueError: If block_size is not a power of two, or below 2; the message shows it.
    """
    # solution: begin
    if block_size.bit_count() != 1 or block_size == 1:
        raise ValueError(f"block_size should be a power of two from 2 on, not {block_size}")
    layers: list = [Embedding(vocab_size, n_embd, generator)]  # (B, block_size, n_embd)
    fan_in, positions = n_embd, block_size
    while positions > 1:
        positions //= 2
        layers += [
            FlattenConsecutive(2),  # (B, positions, 2 * fan_in)
            Linear(2 * fan_in, n_hidden, bias=False, generator=generator),  # (B, positions, n_hidden)
            BatchNorm1d(n_hidden),
            Tanh(),
        ]
        fan_in = n_hidden
    last = Linear(n_hidden, vocab_size, generator=generator)  # (B, vocab_size)
    last.weight *= 0.1
    return Sequential([*layers, last])
    # solution: end


def count_parameters(model: Sequential) -> int:
    """Count the numbers that the model learns.

    Args:
        model: Any Sequential of the layers above, with parameters of any shapes (...). Not modified.

    Returns:
        How many numbers its parameters hold; running statistics are not among them.
    """
    # solution: begin
    return sum(p.numel() for p in model.parameters())
    # solution: end


def receptive_field(model: Sequential, block_size: int) -> int:
    """Count the positions of a context on which the logits depend.

    Find out by trying, in evaluation mode: a symbol or its embedding is changed and the logits move, or a gradient of the
    logits arrives at it.

    Args:
        model: A Sequential of the layers above, the first of them an Embedding, in either mode; it maps contexts
            (B, block_size) to logits (B, V). When you return, it is as it was: its mode and its running statistics too.
        block_size: Number of positions, at least 1.

    Returns:
        How many of the positions 0 .. block_size-1 have an influence on any logit, from 0 to block_size; they need not
        be neighbours.
    """
    # solution: begin
    training = model.training
    model.train(False)
    embedding, *others = model.layers
    X = torch.randint(0, len(embedding.weight), (32, block_size))
    emb = embedding(X).detach().requires_grad_()  # (32, block_size, n_embd)
    logits = Sequential(others)(emb)  # (32, V)
    (gradient,) = torch.autograd.grad(logits.square().sum(), emb)
    model.train(training)
    return int(gradient.count_nonzero(dim=(0, 2)).count_nonzero())
    # solution: end
