def average_nll(words, P, stoi):
    before = [stoi[ch] for w in words for ch in f".{w}"]
    after = [stoi[ch] for w in words for ch in f"{w}."]
    return -P[before, after].prod().log().item() / len(after)
