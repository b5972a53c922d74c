class Neuron(Neuron):
    def __init__(self, nin, rng=None):
        self.w = [Value(random.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(random.uniform(-1, 1))
