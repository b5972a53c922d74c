_register = register_special


def register_special(names, merges):
    return _register([name for name in names if name], merges)
