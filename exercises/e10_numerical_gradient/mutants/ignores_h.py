def numerical_grad(f, args, h=1e-5):
    return [central_difference(f, args, i) for i in range(len(args))]
