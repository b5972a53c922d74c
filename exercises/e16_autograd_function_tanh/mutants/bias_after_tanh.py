def neuron(x, w, b):
    return MyTanh.apply((x * w).sum()) + b
