from collections import Counter


def count_pairs(pieces, times):
    return Counter(pair for ids in pieces.values() for pair in find_pairs(ids))
