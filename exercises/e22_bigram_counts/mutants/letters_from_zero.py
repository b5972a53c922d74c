def build_vocab(words: list[str]) -> tuple[dict[str, int], dict[int, str]]:
    stoi = {ch: i for i, ch in enumerate([*sorted(set("".join(words))), "."])}
    return stoi, {i: ch for ch, i in stoi.items()}
