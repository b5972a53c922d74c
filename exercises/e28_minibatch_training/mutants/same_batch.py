import torch


def train_sgd(model, X, Y, steps, batch_size, lr_schedule, generator):
    losses = []
    ix = torch.randint(0, len(X), (batch_size,), generator=generator)
    for step in range(steps):
        loss = model.loss(X[ix], Y[ix])
        descend(model, loss, lr_schedule(step))
        losses.append(loss.item())
    return losses
