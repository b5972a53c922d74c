import torch


def train_sgd(model, X, Y, steps, batch_size, lr_schedule, generator):
    losses = []
    for step in range(1, steps + 1):
        ix = torch.randint(0, len(X), (batch_size,), generator=generator)
        loss = model.loss(X[ix], Y[ix])
        descend(model, loss, lr_schedule(step))
        losses.append(loss.item())
    return losses
