def bias_is_redundant(conv, bn, x):
    return bn.training
