class BatchNorm1d(BatchNorm1d):
    def __call__(self, x):
        old = self.running_var
        out = super().__call__(x)
        if self.training:
            with torch.no_grad():
                self.running_var = (1 - self.momentum) * old + self.momentum * x.var(0, correction=0)
        return out
