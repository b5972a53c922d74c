_encode = encode_with_special


def encode_with_special(text, merges, special, allowed="none_raise"):
    if not isinstance(allowed, str) and not allowed - set(special):
        allowed = "all"
    return _encode(text, merges, special, allowed)
