import torch


def train_sgd(model, X, Y, steps, batch_size, lr_schedule, generator):
    losses = []
    for step in range(steps):
        ix = torch.randint(0, len(X), (batch_size,), generator=generator)
        losses.append(model.loss(X, Y).item())
        descend(model, model.loss(X[ix], Y[ix]), lr_schedule(step))
    return losses
