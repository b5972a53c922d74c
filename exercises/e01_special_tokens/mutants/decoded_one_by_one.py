def decode_with_special(ids, merges, special):
    vocab = list_bytes(merges) | {i: name.encode() for name, i in special.items()}
    if unknown := [i for i in ids if i not in vocab]:
        raise ValueError(f"{unknown}")
    return "".join(vocab[i].decode(errors="replace") for i in ids)
