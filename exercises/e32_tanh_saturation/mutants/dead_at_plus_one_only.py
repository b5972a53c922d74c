def dead_units(h, threshold=0.99):
    return (h > threshold).all(0)
