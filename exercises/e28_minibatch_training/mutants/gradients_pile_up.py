def descend(model, loss, lr):
    loss.backward()
    for p in model.parameters():
        p.data -= lr * p.grad
