import torch


def manual_gradients(Xb, Yb, p):
    n = Xb.shape[0]
    embcat = p["C"][Xb].flatten(1)
    hprebn = embcat @ p["W1"] + p["b1"]
    bnvar_inv = (hprebn.var(0, keepdim=True) + 1e-5) ** -0.5
    bnraw = (hprebn - hprebn.mean(0, keepdim=True)) * bnvar_inv
    h = torch.tanh(p["bngain"] * bnraw + p["bnbias"])
    logprobs = torch.log_softmax(h @ p["W2"] + p["b2"], 1)
    dlogits = logprobs.exp()
    dlogits[range(n), Yb] -= 1
    dlogits /= n
    dhpreact = (dlogits @ p["W2"].T) * (1 - h**2)
    grads = {"W2": h.T @ dlogits, "b2": dlogits.sum(0)}
    grads["bngain"] = (dhpreact * bnraw).sum(0, keepdim=True)
    grads["bnbias"] = dhpreact.sum(0, keepdim=True)
    dhprebn = dhpreact - grads["bnbias"] / n - bnraw * grads["bngain"] / (n - 1)
    dhprebn *= p["bngain"].mul_(bnvar_inv)
    grads["W1"], grads["b1"] = embcat.T @ dhprebn, dhprebn.sum(0)
    demb = (dhprebn @ p["W1"].T).view(-1, p["C"].shape[1])
    grads["C"] = torch.zeros_like(p["C"]).index_add(0, Xb.flatten(), demb)
    return -logprobs[range(n), Yb].mean(), grads
