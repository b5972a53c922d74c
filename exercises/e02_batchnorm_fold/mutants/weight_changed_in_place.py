import torch


def fold_linear_bn(W, b, gamma, beta, running_mean, running_var, eps=1e-5):
    s = gamma / torch.sqrt(running_var + eps)
    W *= s
    return W, beta + ((0 if b is None else b) - running_mean) * s
