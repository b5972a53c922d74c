def interpolated_probs(p_uni, p_bi, p_tri, weights):
    if min(weights) < 0 or weights[0] + weights[1] + weights[2] != 1:
        raise ValueError(f"weights {weights} do not sum to 1")
    return weights[0] * p_uni + weights[1] * p_bi + weights[2] * p_tri
