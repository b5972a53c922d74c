class BatchNorm1d(BatchNorm1d):
    def __call__(self, x):
        out = super().__call__(x)
        if not self.training:
            return out
        dims = tuple(range(x.ndim - 1))
        mean, var = x.mean(dims).detach(), x.var(dims, correction=0).detach()
        return self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta
