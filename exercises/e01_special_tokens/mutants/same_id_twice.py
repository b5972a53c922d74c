_register = register_special


def register_special(names, merges):
    return dict.fromkeys(_register(names, merges), 256 + len(merges))
