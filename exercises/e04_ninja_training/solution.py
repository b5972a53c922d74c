"""Backprop ninja 4: train a network with gradients of your own (lecture 5, exercise 4).

Source: "Building makemore Part 4: Becoming a Backprop Ninja", from 1:50:02.
"""

from collections.abc import Callable

import torch
from torch import Tensor


def manual_gradients(Xb: Tensor, Yb: Tensor, p: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
    """Run a batch forwards, and backwards by hand.

    The network is that of the first exercise: the rows of C for the T characters of a context, side by side, times W1
    plus b1; BatchNorm over the batch, whose variance is divided by n - 1 and gets 1e-5 added under the root, with
    bngain and bnbias; tanh; times W2 plus b2; the mean cross-entropy.

    Args:
        Xb: Contexts (n, T), int64, n at least 2.
        Yb: The character that follows each (n,), int64.
        p: The parameters, all of one floating point dtype: C (V, E), W1 (T * E, H), b1 (H,), W2 (H, V), b2 (V,),
            bngain and bnbias (1, H). Not modified.

    Returns:
        (loss, grads): the loss (), in nats, and a gradient for each of the seven names, with the shape and dtype of
        the parameter. Autograd is not used, and p need not require gradients.
    """
    # solution: begin
    n = Xb.shape[0]
    embcat = p["C"][Xb].flatten(1)  # (n, T * E)
    hprebn = embcat @ p["W1"] + p["b1"]  # (n, H)
    bnvar_inv = (hprebn.var(0) + 1e-5) ** -0.5  # (H,), variance with n - 1
    bnraw = (hprebn - hprebn.mean(0)) * bnvar_inv  # (n, H)
    h = torch.tanh(p["bngain"] * bnraw + p["bnbias"])  # (n, H)
    logprobs = torch.log_softmax(h @ p["W2"] + p["b2"], 1)  # (n, V)
    loss = -logprobs[range(n), Yb].mean()  # ()

    dlogits = logprobs.exp()  # (n, V)
    dlogits[range(n), Yb] -= 1
    dlogits /= n
    dhpreact = (dlogits @ p["W2"].T) * (1 - h**2)  # (n, H)
    dbngain = (dhpreact * bnraw).sum(0, keepdim=True)  # (1, H)
    dbnbias = dhpreact.sum(0, keepdim=True)  # (1, H)
    dhprebn = p["bngain"] * bnvar_inv * (dhpreact - dbnbias / n - bnraw * dbngain / (n - 1))  # (n, H)
    demb = (dhprebn @ p["W1"].T).view(-1, p["C"].shape[1])  # (n * T, E)
    return loss, {
        "C": torch.zeros_like(p["C"]).index_add(0, Xb.flatten(), demb),
        "W1": embcat.T @ dhprebn,
        "b1": dhprebn.sum(0),
        "W2": h.T @ dlogits,
        "b2": dlogits.sum(0),
        "bngain": dbngain,
        "bnbias": dbnbias,
    }
    # solution: end


def train_manual(
    X: Tensor,
    Y: Tensor,
    p: dict[str, Tensor],
    steps: int,
    batch_size: int,
    lr: Callable[[int], float],
    generator: torch.Generator,
) -> list[float]:
    """Train by gradient descent on minibatches, with the gradients of `manual_gradients`.

    Step i, from 0 to steps - 1, draws the rows of its batch by
    `torch.randint(0, X.shape[0], (batch_size,), generator=generator)`, and nothing else is drawn; it finds all
    gradients at the parameters as they are; then it takes lr(i) times its gradient off every parameter.

    Args:
        X: Contexts (N, T), int64. Not modified.
        Y: The character that follows each (N,), int64. Not modified.
        p: The parameters, as for `manual_gradients`. After the call it holds the trained ones under the same names;
            none of them requires a gradient.
        steps: How many steps, 0 or more.
        batch_size: Rows of a batch, 2 or more.
        lr: Maps the number of a step to its learning rate.
        generator: Where the batches are drawn from.

    Returns:
        The loss of each step's batch before its update, in nats, as floats. What you print is shown meanwhile.
    """
    # solution: begin
    losses = []
    for step in range(steps):
        ix = torch.randint(0, len(X), (batch_size,), generator=generator)
        loss, grads = manual_gradients(X[ix], Y[ix], p)
        rate = lr(step)
        for name, grad in grads.items():
            p[name] -= rate * grad
        losses.append(loss.item())
        if step % 200 == 0:
            print(f"{step:5d} steps: loss {losses[-1]:.4f}")
    return losses
    # solution: end


def calibrate(X: Tensor, p: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    """Measure what BatchNorm uses after training: the statistics of the whole training set at once.

    Args:
        X: All contexts of the training set (N, T), int64. Not modified.
        p: The trained parameters. Not modified.

    Returns:
        (bnmean, bnvar), (1, H) each: mean and variance over all N rows of what goes into the BatchNorm, the variance
        divided by N - 1. Nothing is added to it yet.
    """
    # solution: begin
    hprebn = p["C"][X].flatten(1) @ p["W1"] + p["b1"]  # (N, H)
    return hprebn.mean(0, keepdim=True), hprebn.var(0, keepdim=True)
    # solution: end
