def batchnorm_backward(dhpreact, bnraw, bngain, bnvar_inv):
    n = dhpreact.shape[0]
    stretch = bnraw * (dhpreact * bnraw).sum(0) / (n - 1)
    return bngain * bnvar_inv * (dhpreact - dhpreact.mean(0) + stretch)
