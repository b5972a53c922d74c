class BatchNorm1d(BatchNorm1d):
    def __call__(self, x):
        self.momentum = 1 - self.momentum
        out = super().__call__(x)
        self.momentum = 1 - self.momentum
        return out
