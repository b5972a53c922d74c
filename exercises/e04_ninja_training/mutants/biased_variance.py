import torch


def manual_gradients(Xb, Yb, p):
    n = Xb.shape[0]
    embcat = p["C"][Xb].flatten(1)  # (n, T * E)
    hprebn = embcat @ p["W1"] + p["b1"]  # (n, H)
    bnvar_inv = (hprebn.var(0, keepdim=True, correction=0) + 1e-5) ** -0.5  # (1, H), variance with n - 1
    bnraw = (hprebn - hprebn.mean(0, keepdim=True)) * bnvar_inv  # (n, H)
    h = torch.tanh(p["bngain"] * bnraw + p["bnbias"])  # (n, H)
    logprobs = torch.log_softmax(h @ p["W2"] + p["b2"], 1)  # (n, V)
    loss = -logprobs[range(n), Yb].mean()  # ()

    dlogits = logprobs.exp()  # (n, V)
    dlogits[range(n), Yb] -= 1
    dlogits /= n
    dhpreact = (dlogits @ p["W2"].T) * (1 - h**2)  # (n, H)
    dbngain = (dhpreact * bnraw).sum(0, keepdim=True)  # (1, H)
    dbnbias = dhpreact.sum(0, keepdim=True)  # (1, H)
    dhprebn = p["bngain"] * bnvar_inv * (dhpreact - dbnbias / n - bnraw * dbngain / n)  # (n, H)
    demb = (dhprebn @ p["W1"].T).view(-1, p["C"].shape[1])  # (n * T, E)
    return loss, {
        "C": torch.zeros_like(p["C"]).index_add(0, Xb.flatten(), demb),
        "W1": embcat.T @ dhprebn,
        "b1": dhprebn.sum(0),
        "W2": h.T @ dlogits,
        "b2": dlogits.sum(0),
        "bngain": dbngain,
        "bnbias": dbnbias,
    }
