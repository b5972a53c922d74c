def doubel(x):
    return 2 * x
