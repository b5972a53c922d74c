_encode = encode_with_special


def encode_with_special(text, merges, special, allowed="none_raise"):
    if allowed == "none_raise":
        raise ValueError(f"special tokens are not allowed: {list(special)}")
    return _encode(text, merges, special, allowed)
