class ByteBPE(ByteBPE):
    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode(errors="ignore")
