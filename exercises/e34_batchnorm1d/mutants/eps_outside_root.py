class BatchNorm1d(BatchNorm1d):
    def __call__(self, x):
        eps, self.eps = self.eps, 0.0
        mean, var = (x.mean(0), x.var(0, correction=0)) if self.training else (self.running_mean, self.running_var)
        super().__call__(x)
        self.eps = eps
        return self.gamma * (x - mean) / (torch.sqrt(var) + eps) + self.beta
