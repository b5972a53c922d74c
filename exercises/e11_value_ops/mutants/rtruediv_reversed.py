"""a / 2 for 2 / a."""


def rtruediv(self, other):
    return self / other


Value.__rtruediv__ = rtruediv
