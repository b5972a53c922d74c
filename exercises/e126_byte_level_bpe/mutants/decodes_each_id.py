class ByteBPE(ByteBPE):
    def decode(self, ids):
        return "".join(self.vocab[i].decode(errors="replace") for i in ids)
