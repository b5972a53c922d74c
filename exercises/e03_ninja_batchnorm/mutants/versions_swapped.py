def batchnorm_backward(dhpreact, bnraw, bngain, bnvar_inv):
    n = dhpreact.shape[0]
    stretch = bnraw * (dhpreact * bnraw).sum(0) / n
    return bngain * bnvar_inv * (dhpreact - dhpreact.mean(0) - stretch)


def batchnorm_backward_biased(dy, xhat, gamma, inv_std):
    n = dy.shape[0]
    return gamma * inv_std * (dy - dy.mean(0) - xhat * (dy * xhat).sum(0) / (n - 1))
