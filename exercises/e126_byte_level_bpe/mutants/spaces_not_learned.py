class ByteBPE(ByteBPE):
    def train(self, text, vocab_size):
        super().train("\n".join(piece.strip() for piece in pretokenize(text)), vocab_size)
