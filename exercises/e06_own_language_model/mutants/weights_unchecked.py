def interpolated_probs(p_uni, p_bi, p_tri, weights):
    return weights[0] * p_uni + weights[1] * p_bi + weights[2] * p_tri
