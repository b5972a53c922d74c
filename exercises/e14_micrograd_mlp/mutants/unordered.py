class MLP(MLP):
    def parameters(self):
        self.calls = getattr(self, "calls", 0) + 1
        order = [p for layer in self.layers for p in layer.parameters()]
        return order[self.calls % 2 :] + order[: self.calls % 2]
