class CharLM(CharLM):
    def sample(self, generator):
        word = CHARACTERS[1 + int(torch.multinomial(self.probs("")[1:], 1, generator=generator))]
        while len(word) < 20 and (k := int(self.probs(word).argmax())) > 0:
            word += CHARACTERS[k]
        return word
