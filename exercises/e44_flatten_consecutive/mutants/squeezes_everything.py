class FlattenConsecutive(FlattenConsecutive):
    def __call__(self, x):
        B, T, C = x.shape
        if T % self.n:
            raise ValueError("remainder")
        return x.view(B, T // self.n, C * self.n).squeeze()
