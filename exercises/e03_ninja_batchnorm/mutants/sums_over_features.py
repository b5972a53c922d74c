def batchnorm_backward(dhpreact, bnraw, bngain, bnvar_inv):
    n = dhpreact.shape[0]
    shift = dhpreact.sum(1, keepdim=True) / n
    stretch = bnraw * (dhpreact * bnraw).sum(1, keepdim=True) / (n - 1)
    return bngain * bnvar_inv * (dhpreact - shift - stretch)
