import unicodedata


def stand_in(ch):
    if ch.isascii():
        return ch
    letter = unicodedata.category(ch)[0] in "LM"
    return "\n" if ch.isspace() else "a" if letter else "0" if ch.isnumeric() else "."
