class Sequential(Sequential):
    def parameters(self):
        return [
            p
            for layer in self.layers
            for p in layer.parameters()
            if hasattr(layer, "layers") or hasattr(layer, "weight")
        ]
