class Tanh(Tanh):
    def __call__(self, x):
        return torch.sigmoid(x)
