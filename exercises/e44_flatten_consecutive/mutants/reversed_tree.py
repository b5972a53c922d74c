class FlattenConsecutive(FlattenConsecutive):
    def __call__(self, x):
        B, T, C = x.shape
        if T % self.n:
            raise ValueError("remainder")
        out = x.view(B, T // self.n, self.n, C).flip(2).reshape(B, T // self.n, C * self.n)
        return out.squeeze(1) if out.shape[1] == 1 else out
