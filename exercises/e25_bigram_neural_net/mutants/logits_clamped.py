def forward_loss(xs, ys, W, reg=0.0):
    logp = torch.log_softmax(W.clamp(-50, 50), dim=1)
    return -logp[xs, ys].mean() + reg * (W**2).mean()
