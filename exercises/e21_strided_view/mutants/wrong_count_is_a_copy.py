def view_strides(shape, strides, new_shape, whole=view_strides):
    try:
        return whole(shape, strides, new_shape)
    except ValueError:
        return None
