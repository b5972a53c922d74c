"""Checks of the bigram network: loss, gradient and steps against float64 computations of the judge, then the corpus.

The judge makes the pairs, draws W with equal generators, and computes each loss that counts from W itself.
"""

import random
from typing import Any

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from grader.corpus import Corpus
from grader.testing import assert_close, assert_equal, require

#: (V, N): fewer pairs than characters, so that some rows are never used, and many more, so that pairs repeat.
SIZES = ((27, 200), (5, 3), (3, 40), (9, 1))
LECTURE_SEED = 2147483647
STEPS, LEARNING_RATE, PENALTY = 100, 50.0, 0.01


def draw_pairs(V: int, N: int, rng: Generator) -> tuple[Tensor, Tensor]:
    return torch.randint(0, V, (N,), generator=rng), torch.randint(0, V, (N,), generator=rng)


def draw_weights(V: int, rng: Generator, size: float = 1.5) -> Tensor:
    return size * torch.randn(V, V, generator=rng, dtype=torch.float64)


def compute_loss(xs: Tensor, ys: Tensor, W: Tensor, reg: float) -> Tensor:
    """The lecture's network as it stands there, but for a stable cross-entropy: one-hot rows times W."""
    logits = F.one_hot(xs, len(W)).to(W.dtype) @ W  # (N, V)
    return F.cross_entropy(logits, ys) + reg * (W**2).mean()


def near(dtype: torch.dtype) -> float:
    """Tolerance, absolute and relative: some ten roundings, and a sum over at most 200 pairs."""
    return 1e-11 if dtype == torch.float64 else 2e-6


def corpus_pairs(corpus: Corpus) -> tuple[list[str], Tensor, Tensor]:
    chars = [".", *sorted(set("".join(corpus.words)))]
    return chars, *word_pairs(list(corpus.words), chars)


def word_pairs(words: list[str], chars: list[str]) -> tuple[Tensor, Tensor]:
    stoi = {ch: i for i, ch in enumerate(chars)}
    xs = [stoi[ch] for w in words for ch in f".{w}"]
    ys = [stoi[ch] for w in words for ch in f"{w}."]
    return torch.tensor(xs), torch.tensor(ys)


def count_pairs(xs: Tensor, ys: Tensor, V: int) -> Tensor:
    return torch.bincount(xs * V + ys, minlength=V * V).reshape(V, V).double()


def table_loss(N: Tensor, W: Tensor) -> float:
    """The mean loss of the counted pairs under W, in float64."""
    return -(N / N.sum() * torch.log_softmax(W.double(), dim=1)).sum().item()


def require_weights(W: Tensor, V: int) -> None:
    """Require of what training returns that it is a plain table of finite float32 numbers."""
    require(W.shape == (V, V), f"train_bigram_net should return W of shape {(V, V)}", got=tuple(W.shape))
    require(W.dtype == torch.float32, "W should be float32, as torch.randn makes it", got=W.dtype)
    require(not W.requires_grad, "W should come back detached, but it still requires a gradient: return W.detach()")
    strange = int((~torch.isfinite(W)).sum())
    require(strange == 0, f"{strange} of the {V * V} weights that came back are nan or infinite")


def test_loss_value(submission: Any, rng: Generator) -> None:
    for V, N in SIZES:
        for reg in (0.0, 0.01, 3):
            W64, (xs, ys) = draw_weights(V, rng), draw_pairs(V, N, rng)
            for W in (W64, W64.float()):
                expected = compute_loss(xs, ys, W.double(), reg)
                call = submission.call("forward_loss", xs, ys, W, reg)
                what = f"the loss of {N} pairs with V = {V} and reg = {reg:g}"
                tolerance = near(W.dtype)
                assert_close(call.value, expected, rtol=tolerance, atol=tolerance, dtype=W.dtype, what=what)
                for name, before, now in zip(("xs", "ys", "W"), (xs, ys, W), call.args, strict=False):
                    assert_equal(now, before, what=f"`{name}` after the call")
        expected = compute_loss(xs, ys, W64, 0.0)
        assert_close(submission.forward_loss(xs, ys, W64), expected, what="the loss without a given reg, which is 0,")


def test_gradient(submission: Any, rng: Generator) -> None:
    for V, N in SIZES:
        for reg in (0.0, 0.3):
            W64, (xs, ys) = draw_weights(V, rng), draw_pairs(V, N, rng)
            counts = count_pairs(xs, ys, V)
            # Each pair gives its row the softmax, less 1 at the character that came: over N for the mean.
            push = counts.sum(1, keepdim=True) * torch.softmax(W64, dim=1) - counts
            expected = push / N + reg * 2 * W64 / V**2
            for W in (W64, W64.float()):
                grads = submission.call("forward_loss", xs, ys, W.clone().requires_grad_(), reg, want=("grads",)).grads
                penalty = f" plus that of the penalty with reg = {reg:g}" if reg else ""
                what = (
                    f"the gradient for {N} pairs with V = {V}, softmax minus one-hot over N in the rows of xs{penalty},"
                )
                require(grads[0] is not None, "no gradient reaches W: the loss has no graph, or W is not in it")
                # float32 to 1e-6: entries are at most about 1.
                tolerance = 1e-12 if W.dtype == torch.float64 else 1e-6
                assert_close(grads[0], expected, rtol=0.0, atol=tolerance, dtype=W.dtype, what=what)


def test_large_logits(submission: Any, rng: Generator) -> None:
    for V, N in SIZES:
        xs, ys = draw_pairs(V, N, rng)
        noise = draw_weights(V, rng)
        signs = 1000 * torch.sign(noise)
        levels = 1000 * torch.linspace(-1, 1, V, dtype=torch.float64)[:, None] + noise
        for W64, name in (
            (noise + 1000, "around 1000"),
            (noise - 1000, "around -1000"),
            (signs, "of 1000 and -1000"),
            (levels, "from -1000 in the first row to 1000 in the last"),
        ):
            for dtype in (torch.float64, torch.float32):
                W = W64.to(dtype).requires_grad_()
                leaf = W.detach().double().requires_grad_()
                loss = compute_loss(xs, ys, leaf, 0.0)
                (expected,) = torch.autograd.grad(loss, leaf)
                call = submission.call("forward_loss", xs, ys, W, want=("grads",))
                # 1e-4 in float32: logits of 1000 are rounded to 3e-5, and so are their differences.
                tolerance = 1e-10 if dtype == torch.float64 else 1e-4
                what = f"the loss with logits {name}"
                assert_close(call.value, loss, rtol=tolerance, atol=tolerance, dtype=dtype, what=what)
                what = f"the gradient with logits {name}"
                assert_close(call.grads[0], expected, rtol=tolerance, atol=tolerance, dtype=dtype, what=what)


def test_start(submission: Any, corpus: Corpus, seed: int) -> None:
    for V, drawn in ((6, seed), (4, seed + 1), (27, LECTURE_SEED)):
        xs, ys = draw_pairs(V, 12, torch.Generator().manual_seed(seed))
        expected = torch.randn((V, V), generator=torch.Generator().manual_seed(drawn))
        W = submission.train_bigram_net(xs, ys, V, 0, 1.0, 0.0, torch.Generator().manual_seed(drawn))
        require_weights(W, V)
        what = f"W after 0 steps, torch.randn(({V}, {V}), generator=generator),"
        assert_close(W, expected, rtol=0.0, atol=0.0, what=what)
    _, xs, ys = corpus_pairs(corpus)
    first = submission.forward_loss(xs, ys, W, PENALTY)
    loss = compute_loss(xs, ys, expected.double(), PENALTY)
    what = f"the first loss on the {corpus.name} corpus, with the lecture's seed and a penalty of {PENALTY:g},"
    # Four decimals are stated; a float32 sum over all pairs has them.
    assert_close(first, loss, rtol=0.0, atol=5e-5, dtype=torch.float32, what=what)


def test_steps(submission: Any, rng: Generator, seed: int) -> None:
    for V, N, steps, lr, reg in (
        (5, 30, 1, 2.0, 0.0),
        (5, 30, 3, 4.0, 0.1),
        (8, 6, 5, 1.0, 2),
        (3, 50, 12, 10.0, 0.02),
    ):
        xs, ys = draw_pairs(V, N, rng)
        W = torch.randn((V, V), generator=torch.Generator().manual_seed(seed)).double()
        for _ in range(steps):
            leaf = W.requires_grad_()
            W = (leaf - lr * torch.autograd.grad(compute_loss(xs, ys, leaf, reg), leaf)[0]).detach()
        generator = torch.Generator().manual_seed(seed)
        call = submission.call("train_bigram_net", xs, ys, V, steps, lr, reg, generator)
        require_weights(call.value, V)
        what = (
            f"W after {steps} step{'s' if steps > 1 else ''} on {N} pairs with V = {V}, lr = {lr:g} and reg = {reg:g}"
        )
        # 1e-5: a dozen steps in float32, each of which rounds W by 1e-7.
        assert_close(call.value, W, rtol=1e-5, atol=1e-5, dtype=torch.float32, what=what)
        assert_equal(call.args[:2], (xs, ys), what="xs and ys after the call")


def test_trains(submission: Any, corpus: Corpus, pictures: Any, seed: int) -> None:
    chars, xs, ys = corpus_pairs(corpus)
    V = len(chars)
    N = count_pairs(xs, ys, V)
    table = N / N.sum(1, keepdim=True)
    floor = -(N / N.sum() * table.clamp_min(1e-300).log()).sum().item()
    generator = torch.Generator().manual_seed(seed)
    W = submission.train_bigram_net(xs, ys, V, STEPS, LEARNING_RATE, PENALTY, generator)
    require_weights(W, V)
    probabilities = torch.softmax(W.double(), dim=1)
    title = "softmax(W): what the network says comes next"
    labels = {"x_label": "character after", "y_label": "character before"}
    pictures.heat_map("network", title, probabilities, rows=chars, columns=chars, **labels)
    pictures.heat_map("counts", "The rows of the count table", table, rows=chars, columns=chars, **labels)
    loss = table_loss(N, W)
    run = f"{STEPS} steps at a rate of {LEARNING_RATE:g} with a penalty of {PENALTY:g} on the {corpus.name} corpus"
    # 2.4735 to 2.4763 on both corpora, over seeds.
    require(loss < 2.50, f"after {run} the loss of the pairs is {loss:.4f}, not below 2.50")
    own = submission.forward_loss(xs, ys, W).item()
    require(
        not own < floor - 1e-4,  # nan is left to the comparison below
        f"forward_loss says {own:.4f} after the training, below the {floor:.4f} of the count table: no table of "
        "distributions can do better on the pairs that were counted",
    )
    # A float32 mean over all pairs, added up in any order.
    assert_close(own, loss, rtol=0.0, atol=1e-4, what="forward_loss of the trained W, without penalty,")
    often = (N.sum(1) > 5000).nonzero().flatten()
    gaps = (probabilities - table)[often].abs()
    k, j = divmod(int(gaps.argmax()), V)
    i = int(often[k])
    # At most 0.013 on both corpora, over seeds.
    require(
        gaps.max().item() < 0.05,
        f"after {run} softmax(W) says {probabilities[i, j]:.3f} for {chars[j]!r} after {chars[i]!r}, where the counts say "
        f"{table[i, j]:.3f}; in rows with more than 5,000 pairs they should be less than 0.05 apart",
    )


def test_smoothing(submission: Any, corpus: Corpus, pictures: Any, seed: int) -> None:
    chars = [".", *sorted(set("".join(corpus.words)))]
    xs, ys = word_pairs(random.Random(seed).sample(corpus.words, 1000), chars)
    strengths, entropies = (0.01, 0.1, 1.0), []
    for reg in strengths:
        generator = torch.Generator().manual_seed(seed)
        W = submission.train_bigram_net(xs, ys, len(chars), STEPS, LEARNING_RATE, reg, generator)
        require_weights(W, len(chars))
        logp = torch.log_softmax(W.double(), dim=1)
        entropies.append(-(logp.exp() * logp).sum(1).mean().item())
    series = {"mean over the rows": (strengths, entropies)}
    pictures.lines("entropy", "How even the rows are", series, x_label="reg", y_label="entropy in nats", log_x=True)
    # From 2.4 to 2.5 over 2.7 to 3.15, on both corpora and over seeds; log 27 is 3.30.
    require(
        entropies[1] > entropies[0] + 0.1 and entropies[2] > entropies[1] + 0.1,
        "the rows of softmax(W) should become more even as reg grows over 0.01, 0.1 and 1, but their mean entropy goes "
        f"{', '.join(f'{h:.3f}' for h in entropies)}: is the penalty part of what is trained on?",
    )
