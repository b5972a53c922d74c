class Sequential(Sequential):
    def parameters(self):
        return [p for layer in self.layers if not isinstance(layer, Sequential) for p in layer.parameters()]
