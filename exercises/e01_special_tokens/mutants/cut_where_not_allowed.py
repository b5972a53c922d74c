def encode_with_special(text, merges, special, allowed="none_raise"):
    if isinstance(allowed, str):
        if allowed not in ("all", "none", "none_raise"):
            raise ValueError(f"{allowed!r}")
        if allowed == "none_raise" and any(name in text for name in special):
            raise ValueError(f"{[name for name in special if name in text]}")
        allowed = set(special) if allowed == "all" else set()
    if allowed - set(special):
        raise ValueError(f"{allowed}")
    ids = []
    for piece in split_special(text, list(special)):
        ids += [special[piece]] if piece in allowed else encode_ordinary(piece, merges)
    return ids
