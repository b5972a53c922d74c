def double(x):
    return [b"x" * 2**20 * 1 + bytes([i % 256]) for i in range(10**5)]
