class Sequential(Sequential):
    def parameters(self):
        return [layer.parameters() for layer in self.layers]
