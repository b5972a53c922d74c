import torch


def train_sgd(model, X, Y, steps, batch_size, lr_schedule, generator):
    losses = []
    lr = lr_schedule(0)
    for _ in range(steps):
        ix = torch.randint(0, len(X), (batch_size,), generator=generator)
        loss = model.loss(X[ix], Y[ix])
        descend(model, loss, lr)
        losses.append(loss.item())
    return losses
