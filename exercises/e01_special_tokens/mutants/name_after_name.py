def split_special(text, names):
    pieces = [text] if text else []
    for name in sorted(names, key=len, reverse=True):
        cut = []
        for piece in pieces:
            cut += [piece] if piece in names else re.split(f"({re.escape(name)})", piece)
        pieces = [piece for piece in cut if piece]
    return pieces
