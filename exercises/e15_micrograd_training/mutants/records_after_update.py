def train(model, xs, ys, steps, lr):
    losses = []
    for _ in range(steps):
        loss = sum_squared_error([model(x) for x in xs], ys)
        for p in model.parameters():
            p.grad = 0.0
        loss.backward()
        for p in model.parameters():
            p.data -= lr * p.grad
        losses.append(sum_squared_error([model(x) for x in xs], ys).data)
    return losses
