from itertools import pairwise


def apply_bpe(word, merges, end="</w>"):
    symbols = [*word, end]
    while pairs := set(pairwise(symbols)) & set(merges):
        symbols = merge_pair(symbols, min(pairs, key=merges.index))
    known = {end, *(letter for pair in merges for symbol in (*pair, "".join(pair)) for letter in (symbol, *symbol))}
    return [symbol for symbol in symbols if symbol in known] if merges else symbols
