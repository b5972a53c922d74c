def calibrate(X, p):
    hprebn = p["C"][X].flatten(1) @ p["W1"] + p["b1"]  # (N, H)
    return hprebn.mean(0, keepdim=True), hprebn.std(0, keepdim=True)
