import torch


def build_dataset(words, stoi, block_size=3):
    X, Y = [], []
    for word in words:
        context = [stoi["."]] * block_size
        for ch in word + ".":
            X.append(context)
            Y.append(stoi[ch])
            context = [stoi[ch], *context[:-1]]
    return torch.tensor(X, dtype=torch.int64).reshape(-1, block_size), torch.tensor(Y, dtype=torch.int64)
