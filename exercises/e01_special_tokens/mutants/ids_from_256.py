def register_special(names, merges):
    if len(set(names)) < len(names) or "" in names:
        raise ValueError(f"{names}")
    return {name: 256 + i for i, name in enumerate(names)}
