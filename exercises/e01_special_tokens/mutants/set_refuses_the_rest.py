_encode = encode_with_special


def encode_with_special(text, merges, special, allowed="none_raise"):
    if not isinstance(allowed, str):
        for name in special:
            if name in text and name not in allowed:
                raise ValueError(f"{name} is not allowed")
    return _encode(text, merges, special, allowed)
