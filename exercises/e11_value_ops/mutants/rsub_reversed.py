def rsub(self, other):
    return self - other


Value.__rsub__ = rsub
