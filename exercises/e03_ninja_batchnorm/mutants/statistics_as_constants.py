def batchnorm_backward(dhpreact, bnraw, bngain, bnvar_inv):
    return bngain * bnvar_inv * dhpreact


def batchnorm_backward_biased(dy, xhat, gamma, inv_std):
    return gamma * inv_std * dy
