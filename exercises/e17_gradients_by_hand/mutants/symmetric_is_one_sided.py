def gradf_symmetric(a, b, c, h=1e-6):
    return gradf_numerical(a, b, c, h)
