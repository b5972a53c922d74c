def broadcast_shape(a, b):
    n = max(len(a), len(b))
    pairs = zip(a + (1,) * (n - len(a)), b + (1,) * (n - len(b)), strict=True)
    return tuple(match_sizes(x, y) for x, y in pairs)
