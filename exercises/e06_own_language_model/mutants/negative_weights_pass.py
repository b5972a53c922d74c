def interpolated_probs(p_uni, p_bi, p_tri, weights):
    if abs(sum(weights) - 1) > 1e-6:
        raise ValueError("the weights do not sum to 1")
    return weights[0] * p_uni + weights[1] * p_bi + weights[2] * p_tri
