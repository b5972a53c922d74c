class BatchNorm1d(BatchNorm1d):
    def __call__(self, x):
        out = super().__call__(x)
        if x.ndim == 2 or not self.training:
            return out
        mean, var = x.mean((0, 2), keepdim=True), x.var((0, 2), keepdim=True, correction=0)
        return self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta
