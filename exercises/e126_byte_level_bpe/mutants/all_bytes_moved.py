def bytes_to_unicode():
    return {b: chr(256 + b) for b in range(256)}
