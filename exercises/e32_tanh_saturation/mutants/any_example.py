def dead_units(h, threshold=0.99):
    return (h.abs() > threshold).any(0)
