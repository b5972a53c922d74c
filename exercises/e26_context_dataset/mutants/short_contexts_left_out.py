import torch


def build_dataset(words, stoi, block_size=3):
    X, Y = [], []
    for word in words:
        text = [stoi[ch] for ch in word + "."]
        X.append([stoi["."]] * block_size)
        Y.append(text[0])
        for i in range(block_size, len(text)):
            X.append(text[i - block_size : i])
            Y.append(text[i])
    return torch.tensor(X, dtype=torch.int64).reshape(-1, block_size), torch.tensor(Y, dtype=torch.int64)
