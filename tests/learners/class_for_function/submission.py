class double:
    pass
