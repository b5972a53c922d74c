class BatchNorm1d(BatchNorm1d):
    def __call__(self, x):
        if self.training:
            return super().__call__(x)
        mean, var = x.mean(0), x.var(0, correction=0)
        return self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta
