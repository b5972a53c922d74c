class ByteBPE(ByteBPE):
    def train(self, text, vocab_size):
        super().train(text, vocab_size + 256)
