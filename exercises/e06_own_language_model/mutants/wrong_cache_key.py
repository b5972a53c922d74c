class CharLM(CharLM):
    def fit(self, words):
        self.answers = {}
        return super().fit(words)

    def probs(self, context):
        key = context[-2:]
        if key not in self.answers:
            self.answers[key] = super().probs(context)
        return self.answers[key]
