def descend(model, loss, lr):
    for p in model.parameters():
        p.grad = None
    loss.backward()
    for p in (model.C, model.W1, model.W2):
        p.data -= lr * p.grad
