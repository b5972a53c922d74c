def build_vocab(words: list[str]) -> tuple[dict[str, int], dict[int, str]]:
    stoi = {ch: i + 1 for i, ch in enumerate(set("".join(words)))}
    stoi["."] = 0
    return stoi, {i: ch for ch, i in stoi.items()}
