class BatchNorm1d(BatchNorm1d):
    def __call__(self, x):
        out = super().__call__(x)
        if x.ndim == 2 or not self.training:
            return out
        return self.gamma * (x - x.mean((0, 1))) / torch.sqrt(x.var(0, correction=0) + self.eps) + self.beta
