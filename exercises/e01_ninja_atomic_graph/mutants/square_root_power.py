import torch
import torch.nn.functional as F


def backward(cache, Xb, Yb, p):
    n = Xb.shape[0]
    d = {"logprobs": torch.zeros_like(cache["logprobs"])}  # (n, V)
    d["logprobs"][range(n), Yb] = -1 / n
    d["probs"] = d["logprobs"] / cache["probs"]  # (n, V)
    d["counts_sum_inv"] = (d["probs"] * cache["counts"]).sum(1, keepdim=True)  # (n, 1)
    d["counts_sum"] = -d["counts_sum_inv"] * cache["counts_sum"] ** -2  # (n, 1)
    d["counts"] = d["probs"] * cache["counts_sum_inv"] + d["counts_sum"]  # (n, V): from probs, and from the sum
    d["norm_logits"] = d["counts"] * cache["counts"]  # (n, V)
    d["logit_maxes"] = -d["norm_logits"].sum(1, keepdim=True)  # (n, 1), zero but for rounding
    largest = F.one_hot(cache["logits"].argmax(1), cache["logits"].shape[1])  # (n, V)
    d["logits"] = d["norm_logits"] + largest * d["logit_maxes"]  # (n, V)

    d["h"] = d["logits"] @ p["W2"].T  # (n, H)
    d["W2"] = cache["h"].T @ d["logits"]  # (H, V)
    d["b2"] = d["logits"].sum(0)  # (V,)
    d["hpreact"] = d["h"] * (1 - cache["h"] ** 2)  # (n, H)

    d["bngain"] = (d["hpreact"] * cache["bnraw"]).sum(0, keepdim=True)  # (1, H)
    d["bnbias"] = d["hpreact"].sum(0, keepdim=True)  # (1, H)
    d["bnraw"] = d["hpreact"] * p["bngain"]  # (n, H)
    d["bnvar_inv"] = (d["bnraw"] * cache["bndiff"]).sum(0, keepdim=True)  # (1, H)
    d["bnvar"] = d["bnvar_inv"] * -0.5 * cache["bnvar_inv"]  # (1, H)
    d["bndiff2"] = (d["bnvar"] / (n - 1)).expand_as(cache["bndiff2"])  # (n, H)
    d["bndiff"] = d["bnraw"] * cache["bnvar_inv"] + d["bndiff2"] * 2 * cache["bndiff"]  # (n, H): bnraw and bndiff2
    d["bnmeani"] = -d["bndiff"].sum(0, keepdim=True)  # (1, H)
    d["hprebn"] = d["bndiff"] + d["bnmeani"] / n  # (n, H): itself, and its share of the mean

    d["embcat"] = d["hprebn"] @ p["W1"].T  # (n, T * E)
    d["W1"] = cache["embcat"].T @ d["hprebn"]  # (T * E, H)
    d["b1"] = d["hprebn"].sum(0)  # (H,)
    d["emb"] = d["embcat"].view(cache["emb"].shape)  # (n, T, E)
    d["C"] = torch.zeros_like(p["C"]).index_add(0, Xb.flatten(), d["emb"].flatten(end_dim=1))  # (V, E)
    return d
