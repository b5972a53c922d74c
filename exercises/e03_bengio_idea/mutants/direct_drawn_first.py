DirectLast = DirectNPLM


class DirectNPLM(DirectLast):
    def __init__(self, vocab_size, block_size, n_embd, n_hidden, direct=True):
        W_direct = torch.randn(block_size * n_embd, vocab_size) * 0.01 if direct else None
        super().__init__(vocab_size, block_size, n_embd, n_hidden, direct)
        if direct:
            self.W_direct.data = W_direct
