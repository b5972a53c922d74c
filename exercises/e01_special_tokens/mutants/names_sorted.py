_register = register_special


def register_special(names, merges):
    return _register(sorted(names), merges)
