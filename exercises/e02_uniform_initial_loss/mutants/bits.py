import math


def uniform_loss(vocab_size):
    return math.log2(vocab_size)
