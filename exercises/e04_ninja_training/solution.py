"""Backprop ninja 4: a network trained without a single call of autograd."""

from collections.abc import Callable

import torch
from torch import Tensor


def manual_gradients(Xb: Tensor, Yb: Tensor, p: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
    """Run a batch forwards and backwards: the loss, and the gradients of the seven parameters."""
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


def train_manual(
    X: Tensor,
    Y: Tensor,
    p: dict[str, Tensor],
    steps: int,
    batch_size: int,
    lr: Callable[[int], float],
    generator: torch.Generator,
) -> list[float]:
    """Train p in place by gradients of your own."""
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


def calibrate(X: Tensor, p: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    """Measure the BatchNorm statistics of the whole training set."""
    hprebn = p["C"][X].flatten(1) @ p["W1"] + p["b1"]  # (N, H)
    return hprebn.mean(0, keepdim=True), hprebn.var(0, keepdim=True)
