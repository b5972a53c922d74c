def moved(a, b, c, i, by):
    return f(a + by, b + by, c + by)
