import torch


def build_dataset(words, stoi, block_size=3):
    X, Y = [], []
    for word in words:
        for i, ch in enumerate(word + "."):
            seen = [stoi[c] for c in word[max(0, i - block_size) : i]]
            X.append(seen + [stoi["."]] * (block_size - len(seen)))
            Y.append(stoi[ch])
    return torch.tensor(X, dtype=torch.int64).reshape(-1, block_size), torch.tensor(Y, dtype=torch.int64)
