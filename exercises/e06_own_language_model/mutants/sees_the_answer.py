class CharLM(CharLM):
    def fit(self, words):
        self.counts = {}
        for word in words:
            padded = PAD + word + "."
            for i, ch in enumerate(word + ".", start=len(PAD)):
                for n in ORDERS:
                    self.counts.setdefault(padded[i + 1 - n : i + 1], [0] * V)[CHARACTERS.index(ch)] += 1
        return self
