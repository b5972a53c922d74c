def batchnorm_backward(dhpreact, bnraw, bngain, bnvar_inv):
    return bngain * bnvar_inv * (dhpreact - dhpreact.mean(0))
