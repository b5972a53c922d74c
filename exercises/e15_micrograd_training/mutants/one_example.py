def train(model, xs, ys, steps, lr):
    losses = []
    for step in range(steps):
        i = step % len(xs)
        loss = sum_squared_error([model(xs[i])], [ys[i]])
        for p in model.parameters():
            p.grad = 0.0
        loss.backward()
        for p in model.parameters():
            p.data -= lr * p.grad
        losses.append(loss.data)
    return losses
