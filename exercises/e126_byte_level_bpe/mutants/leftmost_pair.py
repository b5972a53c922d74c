from itertools import pairwise


class ByteBPE(ByteBPE):
    def encode(self, text):
        encoded = []
        for piece in pretokenize(text):
            ids = list(piece.encode())
            while known := [pair for pair in pairwise(ids) if pair in self.merges]:
                ids = merge_pair(ids, known[0], self.merges[known[0]])
            encoded += ids
        return encoded
