class BatchNorm1d(BatchNorm1d):
    def __call__(self, x):
        super().__call__(x)
        return self.gamma * (x - self.running_mean) / torch.sqrt(self.running_var + self.eps) + self.beta
