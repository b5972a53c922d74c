def merge_pair(symbols, pair):
    merged = []
    for symbol in reversed(symbols):
        if merged and (symbol, merged[0]) == pair:
            merged[0] = symbol + merged[0]
        else:
            merged.insert(0, symbol)
    return merged
