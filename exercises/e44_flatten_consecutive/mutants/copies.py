class FlattenConsecutive(FlattenConsecutive):
    def __call__(self, x):
        if x.shape[1] % self.n:
            raise ValueError("remainder")
        out = torch.cat([x[:, i :: self.n] for i in range(self.n)], dim=2)
        return out.squeeze(1) if out.shape[1] == 1 else out
