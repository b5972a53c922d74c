def gradf_symmetric(a, b, c, h=1e-6):
    return [(moved(a, b, c, i, h) - moved(a, b, c, i, -h)) / h for i in range(3)]
