class Neuron(Neuron):
    def __init__(self, nin, rng=None):
        rng = rng or random
        self.w = [Value(rng.random()) for _ in range(nin)]
        self.b = Value(rng.random())
