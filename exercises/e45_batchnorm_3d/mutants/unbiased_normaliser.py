class BatchNorm1d(BatchNorm1d):
    def __call__(self, x):
        out = super().__call__(x)
        if not self.training:
            return out
        dims = tuple(range(x.ndim - 1))
        return self.gamma * (x - x.mean(dims)) / torch.sqrt(x.var(dims) + self.eps) + self.beta
