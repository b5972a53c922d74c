def train_bigram_net(xs, ys, vocab_size, steps, lr, reg, generator):
    xs, ys = xs[:1000], ys[:1000]
    W = torch.randn((vocab_size, vocab_size), generator=generator, requires_grad=True)
    for _ in range(steps):
        W.grad = None
        forward_loss(xs, ys, W, reg).backward()
        W.data -= lr * W.grad
    return W.detach()
