_encode = encode_with_special


def encode_with_special(text, merges, special, allowed="none_raise"):
    if allowed == "none_raise":
        assert not any(name in text for name in special), f"{[name for name in special if name in text]}"
    return _encode(text, merges, special, allowed)
