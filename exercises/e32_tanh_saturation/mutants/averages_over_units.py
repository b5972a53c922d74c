def saturation(h, threshold=0.99):
    return (h.abs() > threshold).to(h.dtype).mean(1)
