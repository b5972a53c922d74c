def f(a, b, c):
    return -(a**3) + math.sin(b) - 1.0 / c + b**2.5 - a**0.5
