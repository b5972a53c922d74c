from itertools import pairwise


def apply_bpe(word, merges, end="</w>"):
    symbols = [*word, end]
    while known := set(pairwise(symbols)) & set(merges):
        symbols = merge_pair(symbols, min(known, key=merges.index))
    return list(dict.fromkeys(symbols))
