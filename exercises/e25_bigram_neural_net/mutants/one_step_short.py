def train_bigram_net(xs, ys, vocab_size, steps, lr, reg, generator):
    W = torch.randn((vocab_size, vocab_size), generator=generator, requires_grad=True)
    for step in range(steps):
        W.grad = None
        forward_loss(xs, ys, W, reg).backward()
        if step < steps - 1:
            W.data -= lr * W.grad
    return W.detach()
