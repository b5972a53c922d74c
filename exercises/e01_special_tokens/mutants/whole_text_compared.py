_encode = encode_with_special


def encode_with_special(text, merges, special, allowed="none_raise"):
    if allowed == "none_raise" and text not in special:
        allowed = "none"
    return _encode(text, merges, special, allowed)
