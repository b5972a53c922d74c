def batchnorm_backward(dhpreact, bnraw, bngain, bnvar_inv):
    n = dhpreact.shape[0]
    return bngain * bnvar_inv * (dhpreact - bnraw * (dhpreact * bnraw).sum(0) / (n - 1))
