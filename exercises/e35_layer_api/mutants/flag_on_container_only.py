class Sequential(Sequential):
    def train(self, mode=True):
        self.training = mode
