from itertools import pairwise


def find_pairs(symbols):
    return list(pairwise(symbols))
