_encode = encode_with_special


def encode_with_special(text, merges, special, allowed="none_raise"):
    ids = _encode(text, merges, special, allowed)
    return [i for at, i in enumerate(ids) if i not in special.values() or ids[at - 1 : at] != [i]]
