def fill_in(new_shape, count):
    rest = math.prod(size for size in new_shape if size != -1)
    return tuple(count // rest if size == -1 else size for size in new_shape)


def view_strides(shape, strides, new_shape, whole=view_strides):
    filled = fill_in(new_shape, math.prod(shape))
    if -1 not in new_shape and math.prod(filled) != math.prod(shape):
        raise ValueError("wrong number of elements")
    return whole(shape, strides, new_shape) if math.prod(filled) == math.prod(shape) else None
