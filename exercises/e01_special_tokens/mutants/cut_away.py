_split = split_special


def split_special(text, names):
    return [piece for piece in _split(text, names) if piece not in names]
