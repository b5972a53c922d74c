_encode = encode_with_special


def encode_with_special(text, merges, special, allowed="none_raise"):
    known = not isinstance(allowed, str) or allowed in ("all", "none", "none_raise")
    return _encode(text, merges, special, allowed if known else "none")
