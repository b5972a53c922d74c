"""a - 2 for 2 - a."""


def rsub(self, other):
    return self - other


Value.__rsub__ = rsub
