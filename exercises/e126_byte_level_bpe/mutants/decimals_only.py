def stand_in(ch):
    if ch.isascii():
        return ch
    return "\n" if ch.isspace() else "0" if ch.isdecimal() else "a" if ch.isalnum() else "."
