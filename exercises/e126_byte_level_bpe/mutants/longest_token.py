class ByteBPE(ByteBPE):
    def encode(self, text):
        encoded = []
        for piece in pretokenize(text):
            rest = piece.encode()
            while rest:
                fits = [i for i, token in enumerate(self.vocab) if rest.startswith(token)]
                best = max(fits, key=lambda i: len(self.vocab[i]))
                encoded.append(best)
                rest = rest[len(self.vocab[best]) :]
        return encoded
