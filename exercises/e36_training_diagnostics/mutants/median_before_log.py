def healthy_lr(params, target=-3.0):
    return 10**target / statistics.median(grad_data_ratio(params))
