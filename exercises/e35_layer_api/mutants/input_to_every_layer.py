class Sequential(Sequential):
    def __call__(self, x):
        out = x
        for layer in self.layers:
            out = layer(x)
        return out
