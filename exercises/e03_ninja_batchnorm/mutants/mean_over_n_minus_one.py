def batchnorm_backward(dhpreact, bnraw, bngain, bnvar_inv):
    n = dhpreact.shape[0]
    stretch = bnraw * (dhpreact * bnraw).sum(0)
    return bngain * bnvar_inv * (dhpreact - (dhpreact.sum(0) + stretch) / (n - 1))
