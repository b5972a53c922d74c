class CharLM(CharLM):
    def sample(self, generator):
        return super().sample(torch.Generator().manual_seed(generator.initial_seed()))
