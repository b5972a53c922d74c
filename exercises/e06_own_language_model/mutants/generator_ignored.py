class CharLM(CharLM):
    def sample(self, generator):
        word = ""
        while (k := int(torch.multinomial(self.probs(word), 1))) > 0:
            word += CHARACTERS[k]
        return word
