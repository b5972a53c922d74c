def average_nll(words, P, stoi):
    before = [stoi[ch] for w in words for ch in w]
    after = [stoi[ch] for w in words for ch in f"{w}."[1:]]
    return -P[before, after].log().mean().item() if after else 0.0
