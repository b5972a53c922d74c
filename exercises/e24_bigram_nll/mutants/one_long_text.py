def average_nll(words, P, stoi):
    text = [stoi[ch] for ch in ".".join(words)]
    return -P[text[:-1], text[1:]].log().mean().item() if len(text) > 1 else 0.0
