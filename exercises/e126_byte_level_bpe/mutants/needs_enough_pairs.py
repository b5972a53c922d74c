from collections import Counter


class ByteBPE(ByteBPE):
    def train(self, text, vocab_size):
        self.__init__()
        times = Counter(pretokenize(text))
        pieces = {piece: list(piece.encode()) for piece in times}
        for new in range(256, vocab_size):
            counts = count_pairs(pieces, times)
            left, right = best = min(counts, key=lambda pair: (-counts[pair], pair))
            self.merges[best] = new
            self.vocab.append(self.vocab[left] + self.vocab[right])
            pieces = {piece: merge_pair(ids, best, new) for piece, ids in pieces.items()}
