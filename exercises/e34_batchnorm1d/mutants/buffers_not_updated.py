class BatchNorm1d(BatchNorm1d):
    def __call__(self, x):
        old = self.running_mean, self.running_var
        out = super().__call__(x)
        self.running_mean, self.running_var = old
        return out
