def decode_with_special(ids, merges, special):
    vocab = list_bytes(merges) | {i: name.encode() for name, i in special.items()}
    if unknown := [i for i in ids if i not in vocab]:
        raise ValueError(f"{unknown}")
    return b"".join(vocab[i] for i in ids).decode()
