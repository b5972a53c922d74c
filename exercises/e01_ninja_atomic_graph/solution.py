"""Backprop ninja 1: the backward pass of a whole network, one operation at a time (lecture 5, exercise 1).

Source: "Building makemore Part 4: Becoming a Backprop Ninja", from 13:01.
"""

# solution: begin
import torch
import torch.nn.functional as F

# solution: end
from torch import Tensor


def forward(Xb: Tensor, Yb: Tensor, p: dict[str, Tensor]) -> dict[str, Tensor]:
    """Run a batch through the network in small steps, and keep the result of each.

    The sizes are n rows, T characters of context, V characters in all, E numbers per character and H hidden
    units; T = 3, V = 27, E = 10 and H = 64 in the lecture, and anything here.

    Args:
        Xb: Contexts (n, T), int64, n at least 2.
        Yb: The character that follows each (n,), int64.
        p: The parameters, all of one floating point dtype: C (V, E), W1 (T * E, H), b1 (H,), W2 (H, V), b2 (V,),
            bngain and bnbias (1, H).

    Returns:
        These 20 tensors in the dtype of p, and no others. Sums and maxima keep the dimension they are taken over,
        with size 1.

        - emb (n, T, E): the row of C of each character
        - embcat (n, T * E): the same, one row per context
        - hprebn (n, H): embcat times W1, plus b1
        - bnmeani (1, H): mean of hprebn over the batch
        - bndiff (n, H): hprebn less bnmeani
        - bndiff2 (n, H): bndiff squared
        - bnvar (1, H): variance over the batch, the sum of bndiff2 divided by n - 1 (Bessel's correction), not by n
        - bnvar_inv (1, H): one over the root of (bnvar + 1e-5)
        - bnraw (n, H): bndiff times bnvar_inv
        - hpreact (n, H): bngain times bnraw, plus bnbias
        - h (n, H): tanh of hpreact
        - logits (n, V): h times W2, plus b2
        - logit_maxes (n, 1): the largest logit of each row
        - norm_logits (n, V): logits less logit_maxes
        - counts (n, V): e to the power of norm_logits
        - counts_sum (n, 1): sum of counts over each row
        - counts_sum_inv (n, 1): one over counts_sum
        - probs (n, V): counts times counts_sum_inv
        - logprobs (n, V): the natural logarithm of probs
        - loss (): the mean over the batch of minus the logprob of the right character, in nats

        The arguments stay unchanged.
    """
    # solution: begin
    n = Xb.shape[0]
    emb = p["C"][Xb]  # (n, T, E)
    embcat = emb.flatten(start_dim=1)  # (n, T * E)
    hprebn = embcat @ p["W1"] + p["b1"]  # (n, H)
    bnmeani = hprebn.sum(0, keepdim=True) / n  # (1, H)
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
    # solution: end


def backward(cache: dict[str, Tensor], Xb: Tensor, Yb: Tensor, p: dict[str, Tensor]) -> dict[str, Tensor]:
    """Find the gradient of the loss with respect to every tensor of the network, by hand.

    Args:
        cache: What `forward` returned for the other three arguments.
        Xb: Contexts (n, T), int64.
        Yb: The character that follows each (n,), int64.
        p: The parameters that `forward` was given.

    Returns:
        26 gradients under the names of their tensors: every name of the cache except loss, and the seven parameters
        C, W1, b1, W2, b2, bngain and bnbias. Each has the shape and dtype of its tensor; grads["counts_sum"], say,
        is (n, 1). A tensor that is used in two places gets the sum of what comes back from both.

        Tensor operations only, autograd is for checking. The arguments stay unchanged.
    """
    # solution: begin
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
    d["bnvar"] = d["bnvar_inv"] * -0.5 * cache["bnvar_inv"] ** 3  # (1, H)
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
    # solution: end
