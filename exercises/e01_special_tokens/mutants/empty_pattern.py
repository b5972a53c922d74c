_split = split_special


def split_special(text, names):
    return _split(text, names) if names else list(text)
