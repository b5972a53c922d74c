class CharLM(CharLM):
    def __init__(self):
        self.words = []

    def fit(self, words):
        self.words += words
        return super().fit(self.words)
