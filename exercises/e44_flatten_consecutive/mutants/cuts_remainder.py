class FlattenConsecutive(FlattenConsecutive):
    def __call__(self, x):
        B, T, C = x.shape
        out = x[:, : T - T % self.n].reshape(B, T // self.n, C * self.n)
        return out.squeeze(1) if out.shape[1] == 1 else out
