def average_nll(words, P, stoi):
    means = []
    for w in words:
        before, after = [stoi[ch] for ch in f".{w}"], [stoi[ch] for ch in f"{w}."]
        means.append(-P[before, after].log().mean().item())
    return sum(means) / len(means)
