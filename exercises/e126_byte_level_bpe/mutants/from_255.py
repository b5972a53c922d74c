from collections import Counter


class ByteBPE(ByteBPE):
    def train(self, text, vocab_size):
        self.__init__()
        del self.vocab[255]
        times = Counter(pretokenize(text))
        pieces = {piece: list(piece.encode()) for piece in times}
        while len(self.vocab) < vocab_size - 1 and (counts := count_pairs(pieces, times)):
            left, right = best = min(counts, key=lambda pair: (-counts[pair], pair))
            new = self.merges[best] = len(self.vocab)
            self.vocab.append(self.vocab[left] + self.vocab[right])
            pieces = {piece: merge_pair(ids, best, new) for piece, ids in pieces.items()}
