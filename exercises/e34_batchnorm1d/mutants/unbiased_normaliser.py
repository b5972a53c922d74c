class BatchNorm1d(BatchNorm1d):
    def __call__(self, x):
        out = super().__call__(x)
        return self.gamma * (x - x.mean(0)) / torch.sqrt(x.var(0) + self.eps) + self.beta if self.training else out
