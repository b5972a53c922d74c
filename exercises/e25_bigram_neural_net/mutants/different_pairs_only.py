def forward_loss(xs, ys, W, reg=0.0):
    i, j = torch.stack((xs, ys)).unique(dim=1)
    return -torch.log_softmax(W, dim=1)[i, j].mean() + reg * (W**2).mean()
