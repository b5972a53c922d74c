def average_nll(words, P, stoi):
    words = words[:5000]
    before = [stoi[ch] for w in words for ch in f".{w}"]
    after = [stoi[ch] for w in words for ch in f"{w}."]
    return -P[before, after].log().mean().item()
