def forward_loss(xs, ys, W, reg=0.0):
    data = -torch.log_softmax(W.detach(), dim=1)[xs, ys].mean()
    return data + reg * (W**2).mean()


def train_bigram_net(xs, ys, vocab_size, steps, lr, reg, generator):
    W = torch.randn((vocab_size, vocab_size), generator=generator, requires_grad=True)
    for _ in range(steps):
        W.grad = None
        forward_loss(xs, ys, W, reg).backward()
        W.data -= lr * W.grad
    return W.detach()
