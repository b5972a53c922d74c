import unicodedata


class ByteBPE(ByteBPE):
    def encode(self, text):
        return super().encode(unicodedata.normalize("NFC", text))
