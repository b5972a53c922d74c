mix_in_order = interpolated_probs


def interpolated_probs(p_uni, p_bi, p_tri, weights):
    return mix_in_order(p_tri, p_bi, p_uni, weights)
