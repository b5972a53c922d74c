def pretokenize(text):
    pieces = []
    for line in text.splitlines(keepends=True):
        ascii_line = "".join(stand_in(ch) for ch in line)
        pieces += [line[piece.start() : piece.end()] for piece in PIECE.finditer(ascii_line.rstrip("\r"))]
    return pieces
