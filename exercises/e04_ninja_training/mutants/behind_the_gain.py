def calibrate(X, p):
    hprebn = p["C"][X].flatten(1) @ p["W1"] + p["b1"]  # (N, H)
    hprebn = p["bngain"] * hprebn + p["bnbias"]
    return hprebn.mean(0, keepdim=True), hprebn.var(0, keepdim=True)
