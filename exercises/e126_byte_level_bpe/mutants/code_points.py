class ByteBPE(ByteBPE):
    def encode(self, text):
        encoded = []
        for piece in pretokenize(text):
            ids = [ord(ch) for ch in piece]
            while known := set(pairwise(ids)) & set(self.merges):
                pair = min(known, key=self.merges.__getitem__)
                ids = merge_pair(ids, pair, self.merges[pair])
            encoded += ids
        return encoded
