_split = split_special


def split_special(text, names):
    return [piece.strip() for piece in _split(text, names) if piece.strip()]
