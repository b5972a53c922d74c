class Layer(Layer):
    def parameters(self):
        return [neuron.parameters() for neuron in self.neurons]


class MLP(MLP):
    def parameters(self):
        return [layer.parameters() for layer in self.layers]
