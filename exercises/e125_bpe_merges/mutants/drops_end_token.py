from itertools import pairwise


def apply_bpe(word, merges, end="</w>"):
    symbols = [*word, end]
    while known := set(pairwise(symbols)) & set(merges):
        symbols = merge_pair(symbols, min(known, key=merges.index))
    return symbols[:-1] if symbols[-1] == end else symbols
