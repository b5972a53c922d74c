def overfit_batch(model, X, Y, steps, lr):
    losses = []
    for _ in range(steps):
        descend(model, model.loss(X, Y), lr)
        losses.append(model.loss(X, Y).item())
    return losses
