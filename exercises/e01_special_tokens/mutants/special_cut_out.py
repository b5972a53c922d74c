_encode = encode_with_special


def encode_with_special(text, merges, special, allowed="none_raise"):
    if allowed == "none":
        for name in special:
            text = text.replace(name, "")
    return _encode(text, merges, special, allowed)
