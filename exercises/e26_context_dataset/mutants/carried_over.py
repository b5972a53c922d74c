import torch


def build_dataset(words, stoi, block_size=3):
    X, Y = [], []
    context = [stoi["."]] * block_size
    for word in words:
        for ch in word + ".":
            X.append(context)
            Y.append(stoi[ch])
            context = [*context[1:], stoi[ch]]
    return torch.tensor(X, dtype=torch.int64).reshape(-1, block_size), torch.tensor(Y, dtype=torch.int64)
