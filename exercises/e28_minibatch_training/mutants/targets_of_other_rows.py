import torch


def train_sgd(model, X, Y, steps, batch_size, lr_schedule, generator):
    losses = []
    for step in range(steps):
        x = X[torch.randint(0, len(X), (batch_size,), generator=generator)]
        y = Y[torch.randint(0, len(X), (batch_size,), generator=generator)]
        loss = model.loss(x, y)
        descend(model, loss, lr_schedule(step))
        losses.append(loss.item())
    return losses
