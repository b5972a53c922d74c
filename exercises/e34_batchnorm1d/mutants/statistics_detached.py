class BatchNorm1d(BatchNorm1d):
    def __call__(self, x):
        out = super().__call__(x)
        if not self.training:
            return out
        mean, var = x.mean(0).detach(), x.var(0, correction=0).detach()
        return self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta
