def double(x):
    a = []
    a.append(a)
    return a
