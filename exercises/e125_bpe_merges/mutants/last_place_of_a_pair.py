from itertools import pairwise


def apply_bpe(word, merges, end="</w>"):
    ranks = {pair: rank for rank, pair in enumerate(merges)}
    symbols = [*word, end]
    while known := set(pairwise(symbols)) & set(ranks):
        symbols = merge_pair(symbols, min(known, key=ranks.get))
    return symbols
