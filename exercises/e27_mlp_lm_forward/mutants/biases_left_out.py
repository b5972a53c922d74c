class MLPLanguageModel(MLPLanguageModel):
    def __init__(self, vocab_size, block_size, n_embd, n_hidden, generator=None):
        super().__init__(vocab_size, block_size, n_embd, n_hidden, generator)
        self.b1.requires_grad_()
        self.b2.requires_grad_()

    def parameters(self):
        return [self.C, self.W1, self.W2]
