def double(x):
    return [bytearray(2**26) for _ in range(10**4)]
