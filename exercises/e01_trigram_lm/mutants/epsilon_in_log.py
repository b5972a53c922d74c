from torch import Tensor


def trigram_nll(words: list[str], P: Tensor, stoi: dict[str, int]) -> float:
    chs = [[stoi[ch] for ch in f"..{w}."] for w in words]
    i, j, k = ([c for w in chs for c in w[n : len(w) - 2 + n]] for n in range(3))
    return -(P[i, j, k] + 1e-10).log().mean().item()
