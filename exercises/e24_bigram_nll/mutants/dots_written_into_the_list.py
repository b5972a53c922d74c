def average_nll(words, P, stoi):
    for n, w in enumerate(words):
        words[n] = f".{w}."
    before = [stoi[ch] for w in words for ch in w[:-1]]
    after = [stoi[ch] for w in words for ch in w[1:]]
    return -P[before, after].log().mean().item()
