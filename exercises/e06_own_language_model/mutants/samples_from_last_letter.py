class CharLM(CharLM):
    def sample(self, generator):
        word = ""
        while (k := int(torch.multinomial(self.probs(word[-1:]), 1, generator=generator))) > 0:
            word += CHARACTERS[k]
        return word
