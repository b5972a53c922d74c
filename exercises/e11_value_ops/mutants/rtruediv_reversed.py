def rtruediv(self, other):
    return self / other


Value.__rtruediv__ = rtruediv
