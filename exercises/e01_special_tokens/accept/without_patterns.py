from itertools import pairwise


def encode_ordinary(text, merges):
    ids = list(text.encode("utf-8"))
    while True:
        pair = min(pairwise(ids), key=lambda p: merges.get(p, len(merges) + 256), default=None)
        if pair not in merges:
            return ids
        old, ids = ids, []
        for i in old:
            if ids and (ids[-1], i) == pair:
                ids[-1] = merges[pair]
            else:
                ids.append(i)


def list_bytes(merges):
    found = {i: bytes([i]) for i in range(256)}
    for (left, right), i in sorted(merges.items(), key=lambda item: item[1]):
        found[i] = found[left] + found[right]
    return found


def register_special(names, merges):
    if len(set(names)) < len(names) or "" in names:
        raise ValueError(f"not names, each of them once: {names}")
    first = max(merges.values(), default=255) + 1
    return dict(zip(names, range(first, first + len(names)), strict=True))


def split_special(text, names):
    for at in range(len(text)):
        here = [name for name in names if text.startswith(name, at)]
        if here:
            name = max(here, key=len)
            before = [text[:at]] if at else []
            return [*before, name, *split_special(text[at + len(name) :], names)]
    return [text] if text else []


def encode_with_special(text, merges, special, allowed="none_raise"):
    if allowed == "none_raise":
        for name in special:
            if name in text:
                raise ValueError(f"{name} is not allowed")
        return encode_ordinary(text, merges)
    if allowed == "all":
        allowed = special.keys()
    elif allowed == "none":
        allowed = set()
    elif isinstance(allowed, str):
        raise ValueError(f"unknown: {allowed!r}")
    for name in allowed:
        if name not in special:
            raise ValueError(f"unknown: {name!r}")
    ids = []
    for piece in split_special(text, sorted(allowed)):
        if piece in allowed:
            ids.append(special[piece])
        else:
            ids.extend(encode_ordinary(piece, merges))
    return ids


def decode_with_special(ids, merges, special):
    known, names = list_bytes(merges), {i: name for name, i in special.items()}
    data = bytearray()
    for i in ids:
        if i in names:
            data += names[i].encode()
        elif i in known:
            data += known[i]
        else:
            raise ValueError(f"no token has the id {i}")
    return data.decode("utf-8", "replace")
