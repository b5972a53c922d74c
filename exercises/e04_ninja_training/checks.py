"""Hidden checks of e04_ninja_training: autograd in float64 on the network of the stub, and one training on the corpus."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from grader.corpus import Corpus, split_words
from grader.testing import assert_close, assert_equal, require

NAMES = ("C", "W1", "b1", "W2", "b2", "bngain", "bnbias")
EPS = 1e-5
STEPS, BATCH_SIZE, RATE = 2000, 128, 0.1


def draw_parameters(rng: Generator, T: int = 3, V: int = 27, E: int = 10, H: int = 64) -> dict[str, Tensor]:
    """Draw parameters at which nothing is zero, in float64."""

    def normal(*shape: int, scale: float) -> Tensor:
        return scale * torch.randn(*shape, generator=rng, dtype=torch.float64)

    return {
        "C": normal(V, E, scale=1.0),
        "W1": normal(T * E, H, scale=5 / 3 / (T * E) ** 0.5),
        "b1": normal(H, scale=0.1),
        "W2": normal(H, V, scale=1 / H**0.5),
        "b2": normal(V, scale=0.1),
        "bngain": 1 + normal(1, H, scale=0.1),
        "bnbias": normal(1, H, scale=0.1),
    }


def draw_rows(N: int, T: int, V: int, rng: Generator) -> tuple[Tensor, Tensor]:
    """Draw contexts (N, T), the low characters far more often than the high ones, and targets (N,)."""
    X = (V * torch.rand(N, T, generator=rng, dtype=torch.float64) ** 2).long()
    return X, torch.randint(0, V, (N,), generator=rng)


def before_batchnorm(X: Tensor, p: dict[str, Tensor]) -> Tensor:
    """What goes into the BatchNorm (N, H)."""
    return p["C"][X].flatten(1) @ p["W1"] + p["b1"]


def logits_of(hprebn: Tensor, mean: Tensor, var: Tensor, p: dict[str, Tensor]) -> Tensor:
    """The network from the BatchNorm on: (N, H) to (N, V)."""
    h = torch.tanh(p["bngain"] * (hprebn - mean) / torch.sqrt(var + EPS) + p["bnbias"])
    return h @ p["W2"] + p["b2"]


def differentiate(Xb: Tensor, Yb: Tensor, p: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
    """Find the loss and the seven gradients by autograd."""
    leaves = {name: p[name].clone().requires_grad_() for name in NAMES}
    hprebn = before_batchnorm(Xb, leaves)
    loss = F.cross_entropy(logits_of(hprebn, hprebn.mean(0, keepdim=True), hprebn.var(0, keepdim=True), leaves), Yb)
    grads = torch.autograd.grad(loss, list(leaves.values()))
    return loss.detach(), dict(zip(NAMES, grads, strict=True))


def falling(step: int) -> float:
    """A learning rate that is different in every step, and large enough to show."""
    return 0.5 / (1 + step)


def test_gradients(submission: Any, rng: Generator) -> None:
    for n, T, V, E, H in ((32, 3, 27, 10, 64), (5, 2, 6, 3, 4), (2, 4, 9, 2, 7), (64, 1, 3, 5, 2)):
        p = draw_parameters(rng, T, V, E, H)
        Xb, Yb = draw_rows(n, T, V, rng)
        right_loss, right = differentiate(Xb, Yb, p)
        loss, grads = submission.manual_gradients(Xb, Yb, p)
        case = f"for n = {n}, T = {T}, V = {V}, H = {H}"
        # float64 to 1e-9: gradients up to about 1, and a variance that may be small for n = 2.
        assert_close(loss, right_loss, rtol=1e-9, atol=1e-9, what=f"the loss {case}")
        require(set(grads) == set(NAMES), "the gradients have other names than the parameters", got=sorted(grads))
        for name in ("W2", "b2", "bngain", "bnbias", "W1", "b1", "C"):
            what = f"the gradient of `{name}` {case}"
            assert_close(grads[name], right[name], rtol=1e-9, atol=1e-9, what=what)
    p = draw_parameters(rng)
    Xb, Yb = draw_rows(32, 3, 27, rng)
    right_loss, right = differentiate(Xb, Yb, p)
    loss, grads = submission.manual_gradients(Xb, Yb, {name: t.float() for name, t in p.items()})
    # float32: some ten roundings of 6e-8 on the way, of numbers below 1.
    assert_close(loss, right_loss, rtol=1e-5, atol=1e-5, dtype=torch.float32, what="the loss in float32")
    for name in NAMES:
        what = f"the gradient of `{name}` in float32"
        assert_close(grads[name], right[name], rtol=1e-4, atol=1e-6, dtype=torch.float32, what=what)


def test_useless_bias(submission: Any, rng: Generator) -> None:
    for n in (2, 32):
        p = draw_parameters(rng, H=20)
        _, grads = submission.manual_gradients(*draw_rows(n, 3, 27, rng), p)
        what = f"the gradient of `b1` for n = {n}: BatchNorm takes off what b1 adds, so it"
        # Exactly zero on paper; what is left is rounding, of numbers up to 300 where a variance is near 0.
        assert_close(grads["b1"], torch.zeros(20, dtype=torch.float64), rtol=0.0, atol=1e-11, what=what)


def test_same_steps(submission: Any, rng: Generator, seed: int) -> None:
    for lr, N, n in ((falling, 200, 16), (lambda step: 0.1, 37, 5)):
        start = draw_parameters(rng, T=2, V=8, E=3, H=6)
        X, Y = draw_rows(N, 2, 8, rng)
        losses, p = train_by_autograd(X, Y, start, 20, n, lr, Generator().manual_seed(seed))
        call = submission.call("train_manual", X, Y, start, 20, n, lr, Generator().manual_seed(seed))
        require(len(call.value) == 20, f"train_manual returns {len(call.value)} losses for 20 steps")
        what = "the loss of step 0, before any update; is the batch drawn exactly as the stub says? It"
        assert_close(call.value[0], losses[0], rtol=1e-9, atol=1e-9, what=what)
        what = "the losses of 20 steps, against autograd on the same batches,"
        assert_close(call.value, losses, rtol=1e-9, atol=1e-9, what=what)
        require_parameters(call.args[2], p, "after 20 steps on the same batches as autograd")
    call = submission.call("train_manual", X, Y, start, 0, n, lr, Generator().manual_seed(seed))
    assert_equal(call.value, [], what="the losses of 0 steps")
    require_parameters(call.args[2], start, "after 0 steps")


def train_by_autograd(
    X: Tensor, Y: Tensor, start: dict[str, Tensor], steps: int, n: int, lr: Callable[[int], float], generator: Generator
) -> tuple[list[float], dict[str, Tensor]]:
    p, losses = dict(start), []
    for step in range(steps):
        ix = torch.randint(0, X.shape[0], (n,), generator=generator)
        loss, grads = differentiate(X[ix], Y[ix], p)
        losses.append(loss.item())
        p = {name: p[name] - lr(step) * grads[name] for name in NAMES}
    return losses, p


def require_parameters(found: Any, expected: dict[str, Tensor], when: str) -> None:
    require(isinstance(found, dict) and set(found) == set(NAMES), "p no longer holds the seven parameters", got=found)
    for name in NAMES:
        assert_close(found[name], expected[name], rtol=1e-9, atol=1e-9, what=f"`{name}` {when}")


def test_by_hand(submission: Any, rng: Generator, seed: int) -> None:
    p = draw_parameters(rng, T=2, V=8, E=3, H=6)
    X, Y = draw_rows(50, 2, 8, rng)
    for call in (
        submission.call("manual_gradients", X, Y, p, want=("ops",)),
        submission.call("train_manual", X, Y, p, 3, 8, falling, Generator().manual_seed(seed), want=("ops",)),
    ):
        used = sorted({name for name in call.ops or () if "backward" in name})
        require(not used, "autograd runs; every gradient here is to be your own", got=", ".join(used))
        require(any("mm" in name for name in call.ops or ()), "no matrix product runs", got=", ".join(call.ops or ()))
        after = call.args[2]
        asking = [name for name in NAMES if after[name].requires_grad]
        require(not asking, f"afterwards {', '.join(asking)} requires a gradient: nothing here needs autograd's graph")
    require(not any(t.requires_grad for t in call.args[:2]), "afterwards X or Y requires a gradient")


def test_calibrate(submission: Any, rng: Generator) -> None:
    for N, T, V, E, H in ((5, 2, 6, 3, 4), (300, 3, 27, 10, 16), (2, 1, 3, 2, 5)):
        p = draw_parameters(rng, T, V, E, H)
        # Rows in the order of their characters: what looks at one end of them sees something else than the whole.
        X = draw_rows(N, T, V, rng)[0].sort(0).values
        hprebn = before_batchnorm(X, p)
        bnmean, bnvar = submission.calibrate(X, p)
        assert_close(bnmean, hprebn.mean(0, keepdim=True), what=f"bnmean over all {N} rows")
        what = f"bnvar over all {N} rows, divided by {N} - 1,"
        assert_close(bnvar, hprebn.var(0, keepdim=True), what=what)


def test_arguments(submission: Any, rng: Generator, seed: int) -> None:
    p = draw_parameters(rng, T=2, V=8, E=3, H=6)
    X, Y = draw_rows(40, 2, 8, rng)
    after = submission.call("manual_gradients", X, Y, p).args
    for name, now, before in zip(("Xb", "Yb", "p"), after, (X, Y, p), strict=True):
        assert_equal(now, before, what=f"`{name}` after the call of `manual_gradients`")
    after = submission.call("train_manual", X, Y, p, 2, 4, falling, Generator().manual_seed(seed)).args
    for name, now, before in zip(("X", "Y"), after[:2], (X, Y), strict=True):
        assert_equal(now, before, what=f"`{name}` after the call of `train_manual`")
    after = submission.call("calibrate", X, p).args
    for name, now, before in zip(("X", "p"), after, (X, p), strict=True):
        assert_equal(now, before, what=f"`{name}` after the call of `calibrate`")


def build_rows(words: list[str], T: int) -> tuple[Tensor, Tensor]:
    """Cut words into contexts (N, T), filled with '.' = 0 in front, and what follows each (N,)."""
    X, Y = [], []
    for word in words:
        padded = [0] * T + [ord(ch) - ord("a") + 1 for ch in word] + [0]
        for i in range(len(word) + 1):
            X.append(padded[i : i + T])
            Y.append(padded[i + T])
    return torch.tensor(X), torch.tensor(Y)


def test_dev_loss(
    submission: Any, corpus: Corpus, thresholds: dict[str, float], rng: Generator, seed: int, pictures: Any
) -> None:
    train, dev, _ = split_words(corpus.words)
    X, Y = build_rows(list(train), 3)
    start = {name: t.float() for name, t in draw_parameters(rng, H=100).items()}
    call = submission.call(
        "train_manual", X, Y, start, STEPS, BATCH_SIZE, lambda step: RATE, Generator().manual_seed(seed)
    )
    losses, p = call.value, call.args[2]
    require(len(losses) == STEPS, f"train_manual returns {len(losses)} losses for {STEPS} steps")
    means = torch.tensor(losses, dtype=torch.float64).view(-1, 50).mean(1)
    curves = {"batch": losses, "mean of 50": (list(range(25, STEPS, 50)), means)}
    pictures.lines("loss", "The loss while your gradients train", curves, x_label="step", y_label="nats")
    bnmean, bnvar = submission.calibrate(X, p)
    X_dev, Y_dev = build_rows(list(dev), 3)
    exact = {name: t.double() for name, t in p.items()}
    logits = logits_of(before_batchnorm(X_dev, exact), bnmean.double(), bnvar.double(), exact)
    loss, most = F.cross_entropy(logits, Y_dev).item(), thresholds["dev_loss"]
    require(
        loss < most,
        f"after {STEPS} steps with batches of {BATCH_SIZE} at {RATE:g} the dev loss on the {corpus.name} corpus, with your "
        f"statistics, is {loss:.4f}, not below {most:g}; the last 50 batches had {float(means[-1]):.4f}",
    )
