import torch


def train_manual(X, Y, p, steps, batch_size, lr, generator):
    losses = []
    p = {name: value.clone() for name, value in p.items()}
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
