_decode = decode_with_special


def decode_with_special(ids, merges, special):
    return _decode([i for i in ids if i not in special.values()], merges, special)
