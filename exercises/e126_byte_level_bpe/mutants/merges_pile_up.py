from collections import Counter


class ByteBPE(ByteBPE):
    def train(self, text, vocab_size):
        times = Counter(pretokenize(text))
        pieces = {piece: list(piece.encode()) for piece in times}
        for _ in range(256, vocab_size):
            if not (counts := count_pairs(pieces, times)):
                break
            left, right = best = min(counts, key=lambda pair: (-counts[pair], pair))
            new = self.merges[best] = len(self.vocab)
            self.vocab.append(self.vocab[left] + self.vocab[right])
            pieces = {piece: merge_pair(ids, best, new) for piece, ids in pieces.items()}
