def apply_bpe(word, merges, end="</w>"):
    symbols = [*word, end]
    for pair in merges:
        symbols = merge_pair(symbols, pair)
    return symbols
