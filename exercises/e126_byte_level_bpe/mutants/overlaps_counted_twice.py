from itertools import pairwise


def find_pairs(ids):
    return list(pairwise(ids))
