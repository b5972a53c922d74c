class MLP(MLP):
    def parameters(self):
        for layer in self.layers:
            parameters = layer.parameters()
        return parameters
