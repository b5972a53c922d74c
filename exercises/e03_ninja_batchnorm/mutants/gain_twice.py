def batchnorm_backward(dhpreact, bnraw, bngain, bnvar_inv):
    n = dhpreact.shape[0]
    d = dhpreact * bngain
    stretch = bnraw * (d * bnraw).sum(0) / (n - 1)
    return bngain * bnvar_inv * (d - d.mean(0) - stretch)
