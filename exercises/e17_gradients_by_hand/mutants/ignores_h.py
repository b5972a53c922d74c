def gradf_numerical(a, b, c, h=1e-6, inner=gradf_numerical):
    return inner(a, b, c)


def gradf_symmetric(a, b, c, h=1e-6, inner=gradf_symmetric):
    return inner(a, b, c)
