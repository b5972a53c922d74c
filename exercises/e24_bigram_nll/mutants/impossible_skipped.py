def average_nll(words, P, stoi):
    before = [stoi[ch] for w in words for ch in f".{w}"]
    after = [stoi[ch] for w in words for ch in f"{w}."]
    p = P[before, after]
    return -p[p > 0].log().mean().item() if (p > 0).any() else 0.0
