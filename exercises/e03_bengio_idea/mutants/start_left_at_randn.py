ScaledStart = DirectNPLM


class DirectNPLM(ScaledStart):
    def __init__(self, vocab_size, block_size, n_embd, n_hidden, direct=True):
        super().__init__(vocab_size, block_size, n_embd, n_hidden, direct)
        for p in self.parameters():
            p.data = torch.randn(p.shape)
