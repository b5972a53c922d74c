class BatchNorm1d(BatchNorm1d):
    def __call__(self, x):
        eps, self.eps = self.eps, 0.0
        out = super().__call__(x)
        self.eps = eps
        return out
