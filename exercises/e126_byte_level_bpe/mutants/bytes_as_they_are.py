def bytes_to_unicode():
    return {b: chr(b) for b in range(256)}
