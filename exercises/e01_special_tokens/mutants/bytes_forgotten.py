def register_special(names, merges):
    if len(set(names)) < len(names) or "" in names:
        raise ValueError(f"{names}")
    return {name: len(merges) + i for i, name in enumerate(names)}
