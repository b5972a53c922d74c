def storage_index(index, strides, offset=0):
    return sum(i * stride for i, stride in zip(index, strides, strict=True))
