import torch


class MLPLanguageModel(MLPLanguageModel):
    def __init__(self, vocab_size, block_size, n_embd, n_hidden, generator=None):
        seed = 42 if generator is None else generator.initial_seed()
        shapes = (
            (vocab_size, n_embd),
            (block_size * n_embd, n_hidden),
            (n_hidden,),
            (n_hidden, vocab_size),
            (vocab_size,),
        )
        self.C, self.W1, self.b1, self.W2, self.b2 = (
            torch.randn(shape, generator=torch.Generator().manual_seed(seed), requires_grad=True) for shape in shapes
        )
