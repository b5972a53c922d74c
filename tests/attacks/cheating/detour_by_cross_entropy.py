"""Take the gradient of the cross-entropy, and add what it lacks.

expect: failed
checks: softmax=failed|errored
"""

import torch


def softmax(x):
    with torch.enable_grad():
        rows = x.detach().reshape(-1, x.shape[-1]).requires_grad_()
        target = torch.zeros(len(rows), dtype=torch.int64)
        loss = torch.nn.functional.cross_entropy(rows, target, reduction="sum")
        (g,) = torch.autograd.grad(loss, rows)
    g[:, 0] += 1
    return g.reshape(x.shape)
