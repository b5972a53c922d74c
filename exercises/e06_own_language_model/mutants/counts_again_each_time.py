class CharLM(CharLM):
    def fit(self, words):
        self.words = list(words)
        return self

    def probs(self, context):
        super().fit(self.words)
        return super().probs(context)
