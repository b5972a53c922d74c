def register_special(names, merges):
    if "" in names:
        raise ValueError(f"{names}")
    return {name: 256 + len(merges) + i for i, name in enumerate(names)}
