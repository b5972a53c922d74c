def view_strides(shape, strides, new_shape):
    new_shape = fill_in(new_shape, math.prod(shape))
    return contiguous_strides(new_shape)
