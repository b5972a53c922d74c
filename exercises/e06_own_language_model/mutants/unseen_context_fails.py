class CharLM(CharLM):
    def probs(self, context):
        self.counts[(PAD + context)[-3:]]
        return super().probs(context)
