class Sequential(Sequential):
    def train(self, mode=True):
        super().train(False)
