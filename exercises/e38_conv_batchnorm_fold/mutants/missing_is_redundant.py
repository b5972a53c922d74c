_measure = bias_is_redundant


def bias_is_redundant(conv, bn, x):
    return conv.bias is None or _measure(conv, bn, x)
