class Neuron(Neuron):
    def __init__(self, nin, rng=None):
        rng = random.Random(42)
        self.w = [Value(rng.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(rng.uniform(-1, 1))
