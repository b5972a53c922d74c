def batchnorm_backward_biased(dy, xhat, gamma, inv_std):
    return inv_std * (gamma * dy - dy.mean(0) - xhat * (dy * xhat).mean(0))
