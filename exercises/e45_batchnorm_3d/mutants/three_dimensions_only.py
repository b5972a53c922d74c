class BatchNorm1d(BatchNorm1d):
    def __call__(self, x):
        if x.ndim == 2:
            return super().__call__(x[None].transpose(1, 2))[0].T
        return super().__call__(x)
