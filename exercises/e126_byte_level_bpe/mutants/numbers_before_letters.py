def stand_in(ch):
    if ch.isascii():
        return ch
    return "\n" if ch.isspace() else "0" if ch.isnumeric() else "a" if ch.isalpha() else "."
