from itertools import pairwise


class ByteBPE(ByteBPE):
    def encode(self, text):
        ids = list(text.encode())
        while known := set(pairwise(ids)) & set(self.merges):
            pair = min(known, key=self.merges.__getitem__)
            ids = merge_pair(ids, pair, self.merges[pair])
        return ids
