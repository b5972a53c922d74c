import torch


def train_manual(X, Y, p, steps, batch_size, lr, generator):
    for value in p.values():
        value.requires_grad_()
    losses = []
    for step in range(steps):
        ix = torch.randint(0, len(X), (batch_size,), generator=generator)
        loss, grads = manual_gradients(X[ix], Y[ix], p)
        rate = lr(step)
        for name, grad in grads.items():
            p[name].data -= rate * grad
        losses.append(loss.item())
    return losses
