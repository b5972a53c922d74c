def batchnorm_backward(dhpreact, bnraw, bngain, bnvar_inv):
    d, raw = dhpreact.double(), bnraw.double()
    n = d.shape[0]
    stretch = raw * (d * raw).sum(0) / (n - 1)
    return bngain.double() * bnvar_inv.double() * (d - d.mean(0) - stretch)
