def saturation(h, threshold=0.99):
    return (h > threshold).to(h.dtype).mean(0)
