def make_adder(n):
    return lambda x: x
