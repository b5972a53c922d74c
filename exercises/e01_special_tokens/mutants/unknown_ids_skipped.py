def decode_with_special(ids, merges, special):
    vocab = list_bytes(merges) | {i: name.encode() for name, i in special.items()}
    return b"".join(vocab.get(i, b"") for i in ids).decode(errors="replace")
