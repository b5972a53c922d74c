def bytes_to_unicode():
    chars = {b: chr(b) for b in (*range(33, 127), *range(161, 256))}
    unseen = [b for b in range(256) if b not in chars]
    return chars | {b: chr(256 + n) for n, b in enumerate(unseen)}
