import math


def best_zero_init_loss(Y, vocab_size):
    return math.log(vocab_size)
