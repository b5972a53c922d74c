def average_nll(words, P, stoi):
    pairs = sorted({(stoi[a], stoi[b]) for w in words for a, b in zip(f".{w}", f"{w}.", strict=True)})
    before, after = zip(*pairs, strict=True)
    return -P[list(before), list(after)].log().mean().item()
