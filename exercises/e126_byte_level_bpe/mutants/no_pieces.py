from collections import Counter
from itertools import pairwise


class ByteBPE(ByteBPE):
    def train(self, text, vocab_size):
        self.__init__()
        ids = list(text.encode())
        while len(self.vocab) < vocab_size and (counts := Counter(find_pairs(ids))):
            left, right = best = min(counts, key=lambda pair: (-counts[pair], pair))
            new = self.merges[best] = len(self.vocab)
            self.vocab.append(self.vocab[left] + self.vocab[right])
            ids = merge_pair(ids, best, new)

    def encode(self, text):
        ids = list(text.encode())
        while known := set(pairwise(ids)) & set(self.merges):
            pair = min(known, key=self.merges.__getitem__)
            ids = merge_pair(ids, pair, self.merges[pair])
        return ids
