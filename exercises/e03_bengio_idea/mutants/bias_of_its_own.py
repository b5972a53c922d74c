DirectWithout = DirectNPLM


class DirectNPLM(DirectWithout):
    def __init__(self, vocab_size, block_size, n_embd, n_hidden, direct=True):
        super().__init__(vocab_size, block_size, n_embd, n_hidden, direct)
        self.b_direct = nn.Parameter(torch.zeros(vocab_size)) if direct else None

    def forward(self, x):
        logits = super().forward(x)
        return logits if self.b_direct is None else logits + self.b_direct
