_encode = encode_with_special


def encode_with_special(text, merges, special, allowed="none_raise"):
    return _encode(text, merges, special, allowed if isinstance(allowed, str) else allowed & set(special))
