def descend(model, loss, lr):
    for p in model.parameters():
        p.grad = None
    loss.backward()
    for p in model.parameters():
        p.data += lr * p.grad
