def train(model, xs, ys, steps, lr):
    losses = []
    parameters = model.parameters()
    for _ in range(steps):
        loss = sum_squared_error([model(x) for x in xs], ys)
        for p in parameters:
            p.grad = 0.0
        loss.backward()
        parameters = [Value(p.data - lr * p.grad) for p in parameters]
        losses.append(loss.data)
    return losses
