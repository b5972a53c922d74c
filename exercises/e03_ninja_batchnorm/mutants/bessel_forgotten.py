def batchnorm_backward(dhpreact, bnraw, bngain, bnvar_inv):
    return batchnorm_backward_biased(dhpreact, bnraw, bngain, bnvar_inv)
