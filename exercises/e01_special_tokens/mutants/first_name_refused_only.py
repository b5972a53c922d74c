_encode = encode_with_special


def encode_with_special(text, merges, special, allowed="none_raise"):
    if allowed == "none_raise" and not any(name in text for name in list(special)[:1]):
        allowed = "none"
    return _encode(text, merges, special, allowed)
