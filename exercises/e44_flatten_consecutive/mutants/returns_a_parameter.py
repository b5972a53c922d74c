class FlattenConsecutive(FlattenConsecutive):
    def parameters(self):
        return [torch.zeros(1)]
