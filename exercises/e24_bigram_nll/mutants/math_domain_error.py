def average_nll(words, P, stoi):
    total = n = 0
    for w in words:
        for a, b in zip(f".{w}", f"{w}.", strict=True):
            total -= math.log(P[stoi[a], stoi[b]].item())
            n += 1
    return total / n
