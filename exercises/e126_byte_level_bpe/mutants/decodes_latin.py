class ByteBPE(ByteBPE):
    def decode(self, ids):
        return "".join(chr(b) for i in ids for b in self.vocab[i])
