from torch import Tensor


def trigram_nll(words: list[str], P: Tensor, stoi: dict[str, int]) -> float:
    losses = []
    for w in words:
        chs = [stoi[ch] for ch in f"..{w}."]
        losses.append(-P[chs[:-2], chs[1:-1], chs[2:]].log().mean().item())
    return sum(losses) / len(losses)
