class Linear(Neuron):
    def __call__(self, x):
        return sum((wi * xi for wi, xi in zip(self.w, x, strict=True)), self.b)


class MLP(MLP):
    def __init__(self, nin, nouts, rng=None):
        sizes = [nin, *nouts]
        self.layers = [Layer(n, m, rng) for n, m in zip(sizes, nouts, strict=False)]
        last = self.layers[-1]
        last.neurons = [Linear(sizes[-2], rng) for _ in last.neurons]
