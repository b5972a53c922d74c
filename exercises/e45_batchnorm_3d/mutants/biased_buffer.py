class BatchNorm1d(BatchNorm1d):
    def __call__(self, x):
        old = self.running_var
        out = super().__call__(x)
        if self.training:
            with torch.no_grad():
                biased = x.var(tuple(range(x.ndim - 1)), correction=0)
                self.running_var = (1 - self.momentum) * old + self.momentum * biased
        return out
