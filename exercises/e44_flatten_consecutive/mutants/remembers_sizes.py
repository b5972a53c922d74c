class FlattenConsecutive(FlattenConsecutive):
    sizes = None

    def __call__(self, x):
        B, T, C = x.shape
        if T % self.n:
            raise ValueError(f"{T} positions cannot be grouped by {self.n}")
        self.sizes = self.sizes or (T // self.n, C * self.n)
        out = x.view(B, *self.sizes)
        return out.squeeze(1) if out.shape[1] == 1 else out
