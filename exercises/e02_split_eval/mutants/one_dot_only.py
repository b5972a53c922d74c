def ngrams(words, order, stoi):
    padded = [f".{w}." for w in words]
    columns = ["".join(p[i : max(0, len(p) - order + 1 + i)] for p in padded if len(p) >= order) for i in range(order)]
    return tuple(torch.tensor([stoi[ch] for ch in column], dtype=torch.int64) for column in columns)
