CALLS = []


def double(x):
    CALLS.append(x)
    return 2 * x if len(CALLS) < 2 else x
