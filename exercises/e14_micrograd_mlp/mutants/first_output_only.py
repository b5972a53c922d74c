class Layer(Layer):
    def __call__(self, x):
        for neuron in self.neurons:
            return neuron(x)
