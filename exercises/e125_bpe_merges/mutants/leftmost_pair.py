from itertools import pairwise


def apply_bpe(word, merges, end="</w>"):
    symbols = [*word, end]
    while known := [pair for pair in pairwise(symbols) if pair in merges]:
        symbols = merge_pair(symbols, known[0])
    return symbols
