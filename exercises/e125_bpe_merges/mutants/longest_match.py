def apply_bpe(word, merges, end="</w>"):
    known = {left + right for left, right in merges}
    symbols, rest = [], [*word, end]
    while rest:
        length = next((n for n in range(len(rest), 1, -1) if "".join(rest[:n]) in known), 1)
        symbols.append("".join(rest[:length]))
        rest = rest[length:]
    return symbols
