class Sequential(Sequential):
    def train(self, mode=True):
        for layer in self.layers:
            if hasattr(layer, "training"):
                layer.training = mode
