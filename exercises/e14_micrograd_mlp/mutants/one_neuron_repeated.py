class Layer(Layer):
    def __init__(self, nin, nout, rng=None):
        self.neurons = [Neuron(nin, rng)] * nout
