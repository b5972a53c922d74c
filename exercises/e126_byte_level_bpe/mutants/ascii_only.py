def stand_in(ch):
    if ch.isascii():
        return ch
    return "\n" if ch.isspace() else "."
