import torch


def forward(Xb, Yb, p):
    n = Xb.shape[0]
    emb = p["C"][Xb]  # (n, T, E)
    embcat = emb.flatten(start_dim=1)  # (n, T * E)
    hprebn = embcat @ p["W1"] + p["b1"]  # (n, H)
    bnmeani = hprebn.sum(0) / n  # (1, H)
    bndiff = hprebn - bnmeani  # (n, H)
    bndiff2 = bndiff**2  # (n, H)
    bnvar = bndiff2.sum(0, keepdim=True) / (n - 1)  # (1, H)
    bnvar_inv = (bnvar + 1e-5) ** -0.5  # (1, H)
    bnraw = bndiff * bnvar_inv  # (n, H)
    hpreact = p["bngain"] * bnraw + p["bnbias"]  # (n, H)
    h = torch.tanh(hpreact)  # (n, H)
    logits = h @ p["W2"] + p["b2"]  # (n, V)
    logit_maxes = logits.max(1, keepdim=True).values  # (n, 1)
    norm_logits = logits - logit_maxes  # (n, V)
    counts = norm_logits.exp()  # (n, V)
    counts_sum = counts.sum(1, keepdim=True)  # (n, 1)
    counts_sum_inv = counts_sum**-1  # (n, 1)
    probs = counts * counts_sum_inv  # (n, V)
    logprobs = probs.log()  # (n, V)
    loss = -logprobs[range(n), Yb].mean()  # ()
    return {
        **{"emb": emb, "embcat": embcat, "hprebn": hprebn, "bnmeani": bnmeani, "bndiff": bndiff, "bndiff2": bndiff2},
        **{"bnvar": bnvar, "bnvar_inv": bnvar_inv, "bnraw": bnraw, "hpreact": hpreact, "h": h, "logits": logits},
        **{"logit_maxes": logit_maxes, "norm_logits": norm_logits, "counts": counts, "counts_sum": counts_sum},
        **{"counts_sum_inv": counts_sum_inv, "probs": probs, "logprobs": logprobs, "loss": loss},
    }
