def merge(shape, strides):
    blocks = []
    for size, stride in zip(shape, strides, strict=True):
        if blocks and blocks[-1][1] == size * stride:
            blocks[-1] = (blocks[-1][0] * size, stride)
        else:
            blocks.append((size, stride))
    return [block for block in blocks if block[0] != 1]
