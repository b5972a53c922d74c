class BatchNorm1d(BatchNorm1d):
    def __call__(self, x):
        if x.ndim not in (2, 3):
            raise ValueError(f"{tuple(x.shape)}")
        if self.training:
            mean, var = x.mean(0, keepdim=True), x.var(0, keepdim=True, correction=0)
            with torch.no_grad():
                self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
                self.running_var = (1 - self.momentum) * self.running_var + self.momentum * x.var(0, keepdim=True)
        else:
            mean, var = self.running_mean, self.running_var
        return self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta
