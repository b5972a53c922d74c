class CharLM(CharLM):
    def fit(self, words):
        keep = torch.rand(len(words)) < 0.9
        return super().fit([w for w, kept in zip(words, keep.tolist(), strict=True) if kept])
