def fold_linear_bn(W, b, gamma, beta, running_mean, running_var, eps=1e-5):
    s = gamma / (running_var + eps)
    return W * s, beta + ((0 if b is None else b) - running_mean) * s
