class BatchNorm1d(BatchNorm1d):
    def __call__(self, x):
        if self.training or x.ndim != 3:
            return super().__call__(x)
        mean, var = x.mean((0, 1)), x.var((0, 1), correction=0)
        return self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta
