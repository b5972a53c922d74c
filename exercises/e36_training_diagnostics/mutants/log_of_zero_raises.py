import math


def update_data_ratio(params, lr):
    return [math.log10(lr * r) for r in grad_data_ratio(params)]
