class BatchNorm1d(BatchNorm1d):
    def parameters(self):
        return [self.gamma, self.beta, self.running_mean, self.running_var]
