import torch


def train_manual(X, Y, p, steps, batch_size, lr, generator):
    losses = []
    for step in range(steps):
        ix = torch.randint(0, len(X), (batch_size,), generator=generator)
        Xb, Yb, rate = X[ix], Y[ix], lr(step)
        n = len(Xb)
        embcat = p["C"][Xb].flatten(1)
        hprebn = embcat @ p["W1"] + p["b1"]
        bnvar_inv = (hprebn.var(0, keepdim=True) + 1e-5) ** -0.5
        bnraw = (hprebn - hprebn.mean(0, keepdim=True)) * bnvar_inv
        h = torch.tanh(p["bngain"] * bnraw + p["bnbias"])
        logprobs = torch.log_softmax(h @ p["W2"] + p["b2"], 1)
        losses.append(-logprobs[range(n), Yb].mean().item())
        dlogits = logprobs.exp()
        dlogits[range(n), Yb] -= 1
        dlogits /= n
        p["W2"] -= rate * h.T @ dlogits
        p["b2"] -= rate * dlogits.sum(0)
        dhpreact = (dlogits @ p["W2"].T) * (1 - h**2)
        dbngain = (dhpreact * bnraw).sum(0, keepdim=True)
        dbnbias = dhpreact.sum(0, keepdim=True)
        p["bngain"] -= rate * dbngain
        p["bnbias"] -= rate * dbnbias
        dhprebn = p["bngain"] * bnvar_inv * (dhpreact - dbnbias / n - bnraw * dbngain / (n - 1))
        p["W1"] -= rate * embcat.T @ dhprebn
        p["b1"] -= rate * dhprebn.sum(0)
        demb = (dhprebn @ p["W1"].T).view(-1, p["C"].shape[1])
        p["C"].index_add_(0, Xb.flatten(), -rate * demb)
    return losses
