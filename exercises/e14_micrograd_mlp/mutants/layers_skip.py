class MLP(MLP):
    def __call__(self, x):
        for layer in self.layers:
            n = len(layer.neurons[0].w)
            out = layer((list(x) * n)[:n])
        return out
