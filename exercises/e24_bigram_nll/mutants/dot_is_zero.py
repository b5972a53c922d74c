def average_nll(words, P, stoi):
    before = [i for w in words for i in [0, *[stoi[ch] for ch in w]]]
    after = [i for w in words for i in [*[stoi[ch] for ch in w], 0]]
    return -P[before, after].log().mean().item()
