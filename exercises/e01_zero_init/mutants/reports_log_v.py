"""The loss of the first guess is taken for the last one."""

import math


def best_zero_init_loss(Y, vocab_size):
    return math.log(vocab_size)
