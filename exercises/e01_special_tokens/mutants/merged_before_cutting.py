_encode = encode_with_special


def encode_with_special(text, merges, special, allowed="none_raise"):
    if allowed != "all":
        return _encode(text, merges, special, allowed)
    ids = encode_ordinary(text, merges)
    for name, i in special.items():
        wanted = encode_ordinary(name, merges)
        at = 0
        while at <= len(ids) - len(wanted):
            if ids[at : at + len(wanted)] == wanted:
                ids[at : at + len(wanted)] = [i]
            at += 1
    return ids
