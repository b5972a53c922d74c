def merge(shape, strides):
    return [(size, stride) for size, stride in zip(shape, strides, strict=True) if size != 1]
