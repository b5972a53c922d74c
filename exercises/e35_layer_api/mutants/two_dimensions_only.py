class Linear(Linear):
    def __call__(self, x):
        out = torch.mm(x, self.weight)
        return out if self.bias is None else out + self.bias
